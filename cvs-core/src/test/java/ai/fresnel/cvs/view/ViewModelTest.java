package ai.fresnel.cvs.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.BlockCheck;
import ai.fresnel.cvs.nn.SlowNetwork;
import ai.fresnel.cvs.nn.SlowTensor;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.FrustumRenderer;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // the handle of a gradient mode is only closed
class ViewModelTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void wholeNetworkIsTheReference(int fold) {
    ModelConfig config = TinyNetwork.config(fold).build();
    try (BlockCheck check = new BlockCheck(new ViewModel(config), 3)) {
      NDArray noisy = check.input(3, 3, 8, 8);
      NDArray level = check.input(new double[] {-1.5, 0.1, 1}, 3);
      NDArray source = check.input(3, 3, 8, 8);
      NDArray pose = check.input(TinyNetwork.poses(3), 3, 16);
      SlowTensor expected =
          new SlowNetwork(check.weights(), 2)
              .network(
                  config,
                  SlowTensor.of(noisy),
                  SlowTensor.of(level),
                  SlowTensor.of(source),
                  SlowTensor.of(pose));
      // The frequencies of the embedding of sigma are float32's.
      check.forwardIs(expected, 1e-5, noisy, level, source, pose);
    }
  }

  @Test
  void wholeNetworkHasTheRightGradients() {
    try (BlockCheck check = new BlockCheck(new ViewModel(TinyNetwork.config(2).build()), 3)) {
      NDArray noisy = check.input(3, 3, 8, 8);
      NDArray level = check.input(new double[] {-1.5, 0.1, 1}, 3);
      NDArray source = check.input(3, 3, 8, 8);
      NDArray pose = check.input(TinyNetwork.poses(3), 3, 16);
      // One sample is dropped, so that the null values have gradients too.
      NDArray keep = check.input(new double[] {1, 0, 1}, 3);
      check.gradientsAreRight(1, noisy, level, source, pose, keep);
    }
  }

  @Test
  void encodersCanBeKept() {
    ViewModel network = new ViewModel(TinyNetwork.config(2).build());
    long all = Weights.trainableCount(network);
    network.keepEncoders();
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Weights.initialize(network, manager, 1);
      Weights.freeze(network, false);
      Weights.arrays(network)
          .forEach(
              (name, array) ->
                  assertEquals(
                      name.matches("(unet|noise|refine)\\..*"), array.hasGradient(), name));
    }
    assertTrue(Weights.trainableCount(network) < all);
  }

  /** The view of the volume comes with the prediction, whether the condition is kept or not. */
  @Test
  void theRenderedViewIsAnOutput() {
    try (Fixture f = new Fixture(TinyNetwork.config(2).build())) {
      Conditioning c = f.network.condition(f.store, ViewContext.of(f.source, f.pose));
      NDArray view =
          f.network.predict(f.store, f.noisy, f.level, c, f.network.heads()).get(Outputs.RENDERED);
      assertEquals(new Shape(3, 3, 4, 4), view.getShape());
      assertEquals(c.state().get(":, 12:15"), view);
      Conditioning none = c.withKeep(f.manager.zeros(new Shape(3)));
      assertEquals(
          view,
          f.network
              .predict(f.store, f.noisy, f.level, none, f.network.heads())
              .get(Outputs.RENDERED));
    }
  }

  /** Before training, a residual model's one pass is the volume's view at the image's size. */
  @Test
  void aResidualModelStartsAtTheVolumesView() {
    ModelConfig config = residual(2);
    try (Fixture f = new Fixture(config)) {
      ViewModel untrained = new ViewModel(config);
      Weights.initialize(untrained, f.manager, 5);
      PhotographCode code = untrained.encode(f.store, f.source);
      Conditioning c = untrained.condition(f.store, code, f.pose);
      NDArray view =
          new FrustumRenderer(config, 8)
              .volume(code.get(PhotographCode.VOLUME), code.get(PhotographCode.PHOTOGRAPH))
              .render(f.manager, new CameraBatch(f.pose))
              .colour();
      assertArrayEquals(view.toFloatArray(), c.mean().toFloatArray(), 1e-6f);
      // The folded image, the folded view and carried pixels.
      assertEquals(new Shape(3, 12 + 4 * (4 + 2 + 5), 4, 4), c.state().getShape());
      NDArray sigma = f.manager.full(new Shape(3), 80f);
      NDArray x0 = untrained.denoiser(f.store, new EdmScaling(0.5)).denoise(c.mean(), sigma, c);
      assertArrayEquals(view.toFloatArray(), x0.toFloatArray(), 1e-5f);
    }
  }

  @Test
  void aResidualModelHasTheRightGradients() {
    try (BlockCheck check = new BlockCheck(new ViewModel(residual(2)), 3)) {
      NDArray noisy = check.input(3, 3, 8, 8);
      NDArray level = check.input(new double[] {-1.5, 0.1, 1}, 3);
      NDArray source = check.input(3, 3, 8, 8);
      NDArray pose = check.input(TinyNetwork.poses(3), 3, 16);
      NDArray keep = check.input(new double[] {1, 0, 1}, 3);
      check.gradientsAreRight(1, noisy, level, source, pose, keep);
    }
  }

  private static ModelConfig residual(int fold) {
    return TinyNetwork.config(fold)
        .conditioner(c -> c.withVolume(c.volume().orElseThrow().withResidual(true)))
        .build();
  }

  /** The depth is unfolded from the features before the last layer; the image is as without. */
  @Test
  void aDepthHeadAddsAnOutputAndChangesNone() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      ModelConfig plain = TinyNetwork.config(2).build();
      ViewModel without = TinyNetwork.of(manager, plain);
      ViewModel with =
          TinyNetwork.of(manager, plain.toBuilder().heads(h -> h.withDepth(true)).build());
      Weights.arrays(without)
          .forEach((name, weight) -> weight.copyTo(Weights.arrays(with).get(name)));
      ParameterStore store = new ParameterStore(manager, false);
      long[] seeds = SampleNoise.seeds(3, 0, 2);
      NDArray x = SampleNoise.normal(manager, seeds, 1, new Shape(3, 8, 8));
      NDArray level = manager.create(new float[] {-0.5f, 0.7f});
      NDArray pose = SampleNoise.normal(manager, seeds, 2, new Shape(16));
      Conditioning c = with.condition(store, ViewContext.of(x.mul(0.3f), pose));
      Outputs all = with.predict(store, x, level, c, with.heads());
      float[] expected = without.predict(store, x, level, c).toFloatArray();
      assertEquals(Set.of(Outputs.DEPTH, Outputs.RENDERED), all.heads().keySet());
      assertArrayEquals(expected, all.x0().toFloatArray());
      assertArrayEquals(expected, with.predict(store, x, level, c).toFloatArray());
      assertEquals(new Shape(2, 2, 8, 8), all.get(Outputs.DEPTH).getShape());
      Outputs rest = without.predict(store, x, level, c, without.heads());
      assertEquals(Set.of(Outputs.RENDERED), rest.heads().keySet());
      assertEquals(all.get(Outputs.RENDERED), rest.get(Outputs.RENDERED));
      NDArray head = Weights.arrays(with).get("depth.conv.weight");
      head.muli(0);
      Weights.arrays(with).get("depth.conv.bias").set(new float[] {0, 1, 2, 3, 4, 5, 6, 7});
      float[] constant =
          with.predict(store, x, level, c, with.heads()).get(Outputs.DEPTH).toFloatArray();
      for (int i = 0; i < constant.length; i++) {
        int channel = Math.floorDiv(i, 64) % 2;
        int place = 2 * (Math.floorDiv(i, 8) % 2) + i % 2;
        double bias = 4 * channel + place;
        assertEquals(bias + (channel == 0 ? Math.log(1.8) : 0), constant[i], 1e-5);
      }
    }
  }

  @Test
  void aDroppedConditionHasNoInfluence() {
    try (Fixture f = new Fixture(TinyNetwork.config(2).build())) {
      NDArray keep = f.manager.zeros(new Shape(3));
      float[] one = f.run(f.noisy, f.level, f.source, f.pose, keep);
      NDArray otherSource = f.noise(77, 3, 8, 8);
      NDArray otherPose = f.noise(78, 16);
      float[] two = f.run(f.noisy, f.level, otherSource, otherPose, keep);
      assertArrayEquals(one, two);
      assertTrue(difference(one, f.run(f.noisy, f.level, f.source, f.pose)) > 1e-3);
      assertTrue(difference(one, f.run(f.source, f.level, f.source, f.pose, keep)) > 1e-3);
    }
  }

  /** Each of the three parts of a condition counts while it is kept. */
  @Test
  void aKeptConditionHasInfluence() {
    try (Fixture f = new Fixture(TinyNetwork.config(2).build())) {
      NDArray ones = f.manager.ones(new Shape(3));
      float[] plain = f.run(f.noisy, f.level, f.source, f.pose);
      assertArrayEquals(plain, f.run(f.noisy, f.level, f.source, f.pose, ones), 1e-6f);
      Conditioning c = f.network.condition(f.store, ViewContext.of(f.source, f.pose));
      Conditioning other =
          f.network.condition(f.store, ViewContext.of(f.noise(79, 3, 8, 8), f.noise(80, 16)));
      for (Conditioning changed :
          new Conditioning[] {
            c.withState(other.state()), c.withTokens(other.tokens()), c.withPose(other.pose())
          }) {
        assertTrue(difference(plain, f.predict(changed)) > 1e-4);
      }
    }
  }

  @Test
  void conditionsAreDroppedRowByRow() {
    try (Fixture f = new Fixture(TinyNetwork.config(4).build())) {
      float[] kept = f.run(f.noisy, f.level, f.source, f.pose);
      float[] dropped = f.run(f.noisy, f.level, f.source, f.pose, f.manager.zeros(new Shape(3)));
      float[] mixed =
          f.run(f.noisy, f.level, f.source, f.pose, f.manager.create(new float[] {0, 1, 0}));
      int row = kept.length / 3;
      assertArrayEquals(
          Arrays.copyOfRange(dropped, 0, row), Arrays.copyOfRange(mixed, 0, row), 1e-5f);
      assertArrayEquals(
          Arrays.copyOfRange(kept, row, 2 * row), Arrays.copyOfRange(mixed, row, 2 * row), 1e-5f);
      assertArrayEquals(
          Arrays.copyOfRange(dropped, 2 * row, 3 * row),
          Arrays.copyOfRange(mixed, 2 * row, 3 * row),
          1e-5f);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void aSampleDoesNotDependOnItsBatch(int fold) {
    try (Fixture f = new Fixture(TinyNetwork.config(fold).build())) {
      float[] batch = f.run(f.noisy, f.level, f.source, f.pose);
      int row = batch.length / 3;
      for (int i = 0; i < 3; i++) {
        NDIndex at = new NDIndex(i + ":" + (i + 1));
        float[] alone = f.run(f.noisy.get(at), f.level.get(at), f.source.get(at), f.pose.get(at));
        float[] together = Arrays.copyOfRange(batch, i * row, (i + 1) * row);
        assertArrayEquals(together, alone, 1e-5f * largest(alone));
      }
    }
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** A network without the weight of guidance takes it for 0. */
  @Test
  void guidanceIsAnInput() {
    try (Fixture f =
        new Fixture(TinyNetwork.config(2).conditioner(c -> c.withGuidanceInput(true)).build())) {
      Conditioning c = f.network.condition(f.store, ViewContext.of(f.source, f.pose));
      float[] none = f.predict(c);
      float[] zero = f.predict(c.withGuidance(f.manager.zeros(new Shape(3))));
      float[] three = f.predict(c.withGuidance(f.manager.full(new Shape(3), 3f)));
      assertArrayEquals(none, zero, 1e-6f);
      assertTrue(difference(none, three) > 1e-3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void onlyResultsStayOnTheManager(int fold) {
    try (Fixture f =
        new Fixture(TinyNetwork.config(fold).conditioner(c -> c.withGuidanceInput(true)).build())) {
      for (boolean gradient : new boolean[] {true, false}) {
        if (gradient) {
          f.countsStay();
        } else {
          try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
            f.countsStay();
          }
        }
      }
    }
  }

  private static double difference(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  /** A network in float32 with random weights and a batch of three. */
  private static final class Fixture implements AutoCloseable {
    final int threads = TorchRuntime.threads();
    final NDManager manager = TorchRuntime.newManager(Device.cpu());
    final ParameterStore store = new ParameterStore(manager, false);
    final ViewModel network;
    final NDArray noisy = noise(1, 3, 8, 8);
    final NDArray level = manager.create(new float[] {-1, 0, 1});
    final NDArray source = noise(2, 3, 8, 8);
    final NDArray pose =
        manager.create(TinyNetwork.poses(3), new Shape(3, 16)).toType(DataType.FLOAT32, true);

    Fixture(ModelConfig config) {
      TorchRuntime.setThreads(1);
      network = new ViewModel(config);
      TinyNetwork.stir(network, manager, 0.3);
    }

    NDArray noise(long seed, long... perSample) {
      return SampleNoise.normal(
          manager, new long[] {seed, seed + 1000, seed + 2000}, 0, new Shape(perSample));
    }

    float[] run(NDArray... inputs) {
      return network.forward(store, new NDList(inputs), false).head().toFloatArray();
    }

    float[] predict(Conditioning c) {
      return network.predict(store, noisy, level, c).toFloatArray();
    }

    int managed() {
      return manager.getManagedArrays().size();
    }

    void countsStay() {
      int before = managed();
      network.forward(store, new NDList(noisy, level, source, pose), false).close();
      assertEquals(before, managed(), "forward");
      NDArray keep = manager.create(new float[] {1, 0, 1});
      before = managed();
      network.forward(store, new NDList(noisy, level, source, pose, keep), false).close();
      assertEquals(before, managed(), "forward with a mask");
      PhotographCode code = network.encode(store, source);
      // The folded image, tokens and the volume.
      int parts = 3;
      assertEquals(before + parts, managed(), "encode");
      Conditioning c = network.condition(store, code, pose).withKeep(keep);
      // The embedded pose and the state with the rendered view.
      assertEquals(before + parts + 2, managed(), "condition");
      network.predict(store, noisy, level, c).close();
      assertEquals(before + parts + 2, managed(), "predict");
    }

    @Override
    public void close() {
      manager.close();
      TorchRuntime.setThreads(threads);
    }
  }
}
