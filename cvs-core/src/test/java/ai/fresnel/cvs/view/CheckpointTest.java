package ai.fresnel.cvs.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares the gradients under activation checkpointing with those of one graph. */
class CheckpointTest {

  private static final List<List<Integer>> CHOICES =
      List.of(List.of(0), List.of(1), List.of(2), List.of(0, 2), List.of(0, 1, 2), List.of(7));

  private final int threads = TorchRuntime.threads();
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchRuntime.setThreads(1);
    manager = TorchRuntime.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
    TorchRuntime.setThreads(threads);
  }

  /** Every kind of block, attention on two of three levels. */
  private static ModelConfig config() {
    return TinyNetwork.config(2)
        .codec(c -> c.withImageSize(16))
        .conditioner(c -> c.withDetailBlocks(2).withGuidanceInput(true))
        .unet(u -> u.channels(4, 6, 8).blocks(2).attentionDepth(0, 1, 2).headChannels(2))
        .build();
  }

  private ViewModel network(Precision precision) {
    return network(config(), precision);
  }

  private ViewModel network(ModelConfig config, Precision precision) {
    ViewModel network = new ViewModel(config, precision);
    TinyNetwork.stir(network, manager, 0.1);
    return network;
  }

  private static NDArray forward(ViewModel network, NDManager sub) {
    return network
        .forward(
            new ParameterStore(sub, false),
            new NDList(
                TinyNetwork.noise(sub, 1, 3 * 768).reshape(3, 3, 16, 16),
                sub.create(new float[] {-1, 0, 1}),
                TinyNetwork.noise(sub, 2, 3 * 768).reshape(3, 3, 16, 16),
                sub.create(TinyNetwork.poses(3), new Shape(3, 16)).toType(DataType.FLOAT32, true),
                sub.create(new float[] {1, 0, 1}),
                sub.create(new float[] {0, 1, 2})),
            true)
        .head();
  }

  /** Output and gradients by name of a projection of the output, the gradients zeroed after. */
  private Map<String, float[]> run(ViewModel network, List<Integer> levels, int times) {
    return run(network, levels, times, sub -> forward(network, sub));
  }

  private Map<String, float[]> run(
      ViewModel network, List<Integer> levels, int times, Function<NDManager, NDArray> forward) {
    Map<String, float[]> found = new LinkedHashMap<>();
    for (int i = 0; i < times; i++) {
      try (NDManager sub = manager.newSubManager();
          GradientCollector collector = TorchRuntime.engine().newGradientCollector();
          ActivationCheckpointing checkpointing = ActivationCheckpointing.begin(sub, levels)) {
        NDArray y = forward.apply(sub);
        found.put("output", y.toFloatArray());
        collector.backward(y.flatten().mul(TinyNetwork.noise(sub, 4, y.size())).sum());
        checkpointing.backward();
      }
    }
    Weights.arrays(network)
        .forEach(
            (name, array) -> {
              try (NDArray gradient = array.getGradient()) {
                found.put(name, gradient.toFloatArray());
                gradient.subi(gradient);
              }
            });
    return found;
  }

  private static void assertClose(
      Map<String, float[]> expected, Map<String, float[]> actual, double relative, String what) {
    assertEquals(expected.keySet(), actual.keySet());
    for (String name : expected.keySet()) {
      double size = norm(expected.get(name), new float[expected.get(name).length]);
      double off = norm(expected.get(name), actual.get(name));
      assertTrue(size > 0, name + " has no gradient");
      assertTrue(off <= relative * size, what + ": " + name + " is off by " + off / size);
    }
  }

  private static double norm(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum = Math.hypot(sum, (double) a[i] - b[i]);
    }
    return sum;
  }

  @Test
  void gradientsAreThoseOfOneGraph() {
    ViewModel network = network(Precision.FLOAT32);
    Map<String, float[]> plain = run(network, List.of(), 1);
    assertTrue(plain.size() > 100);
    for (List<Integer> levels : CHOICES) {
      assertClose(plain, run(network, levels, 1), 1e-5, "levels " + levels);
    }
  }

  /** The mean of a residual model is read by the network, and added to what it makes. */
  @Test
  void gradientsOfAResidualDenoiserAreThoseOfOneGraph() {
    ModelConfig config =
        config().toBuilder()
            .conditioner(c -> c.withVolume(c.volume().orElseThrow().withResidual(true)))
            .build();
    ViewModel network = network(config, Precision.FLOAT32);
    Function<NDManager, NDArray> denoised =
        sub -> {
          ParameterStore store = new ParameterStore(sub, false);
          NDArray source = TinyNetwork.noise(sub, 2, 3 * 768).reshape(3, 3, 16, 16);
          NDArray pose =
              sub.create(TinyNetwork.poses(3), new Shape(3, 16)).toType(DataType.FLOAT32, true);
          ViewContext context =
              ViewContext.of(source, pose)
                  .withKeep(sub.create(new float[] {1, 0, 1}))
                  .withGuidance(sub.create(new float[] {0, 1, 2}));
          return network
              .denoiser(store, network.scaling())
              .denoise(
                  TinyNetwork.noise(sub, 1, 3 * 768).reshape(3, 3, 16, 16),
                  sub.create(new float[] {0.1f, 1, 10}),
                  network.condition(store, context));
        };
    Map<String, float[]> plain = run(network, List.of(), 1, denoised);
    for (List<Integer> levels : CHOICES) {
      assertClose(plain, run(network, levels, 1, denoised), 1e-5, "levels " + levels);
    }
  }

  @Test
  void gradientsOfSeveralPartsAddUp() {
    ViewModel network = network(Precision.FLOAT32);
    assertClose(run(network, List.of(), 3), run(network, List.of(0, 1, 2), 3), 1e-5, "three parts");
  }

  /** A sum in bfloat16 depends on its order: single gradients more than all together. */
  @Test
  void gradientsInBfloat16AreThoseOfOneGraph() {
    ViewModel network = network(Precision.BFLOAT16);
    Map<String, float[]> plain = run(network, List.of(), 1);
    for (List<Integer> levels : CHOICES) {
      Map<String, float[]> taped = run(network, levels, 1);
      assertArrayEquals(plain.get("output"), taped.get("output"));
      assertClose(plain, taped, 0.2, "levels " + levels);
      double off = 0;
      double size = 0;
      for (String name : plain.keySet()) {
        off = Math.hypot(off, norm(plain.get(name), taped.get(name)));
        size = Math.hypot(size, norm(plain.get(name), new float[plain.get(name).length]));
      }
      assertTrue(off < 0.02 * size, "levels " + levels + " are off by " + off / size);
    }
  }

  @Test
  void nothingIsLeftBehind() {
    ViewModel network = network(Precision.FLOAT32);
    int before = manager.getManagedArrays().size();
    for (int i = 0; i < 3; i++) {
      run(network, List.of(0, 1, 2), 1);
      assertEquals(before, manager.getManagedArrays().size());
    }
    // A pass that fails before its backward leaves no checkpointing active.
    try (NDManager sub = manager.newSubManager();
        GradientCollector collector = TorchRuntime.engine().newGradientCollector();
        ActivationCheckpointing checkpointing = ActivationCheckpointing.begin(sub, List.of(0))) {
      assertEquals(3, forward(network, sub).size(0));
    }
    assertEquals(before, manager.getManagedArrays().size());
    try (NDManager sub = manager.newSubManager();
        GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
      NDArray two = sub.create(2f);
      assertEquals(two, ActivationCheckpointing.segment(0, sub, (m, in) -> in[0], two));
    }
  }

  /** Checkpointing ignores a pass without gradient. */
  @Test
  void passesWithoutGradientAreLeftAlone() {
    ViewModel network = network(Precision.FLOAT32);
    try (NDManager sub = manager.newSubManager();
        GradientCollector collector = TorchRuntime.engine().newGradientCollector();
        ActivationCheckpointing checkpointing =
            ActivationCheckpointing.begin(sub, List.of(0, 1, 2))) {
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        NDArray two = sub.create(2f);
        assertEquals(two, ActivationCheckpointing.segment(0, sub, (m, in) -> in[0], two));
        assertEquals(3, forward(network, sub).size(0));
      }
      checkpointing.backward();
    }
  }
}
