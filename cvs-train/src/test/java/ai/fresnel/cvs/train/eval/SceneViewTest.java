package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchOps;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.view.TinyNetwork;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model is given by its volume, beside what it makes of it. */
class SceneViewTest {

  private static final int SIZE = EvalFixtures.SIZE;

  @TempDir Path folder;

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private ViewPairDataset data;

  @BeforeEach
  void write() throws IOException {
    data = new EvalFixtures(folder).add("a", Split.TEST, 50, 4, 60).load(Split.TEST);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private ViewModel model(boolean residual) {
    ModelConfig config =
        TinyNetwork.config(ModelConfig.Kind.CONSISTENCY)
            .conditioner(c -> c.withVolume(c.volume().orElseThrow().withResidual(residual)))
            .build();
    ViewModel network = TinyNetwork.of(manager, config);
    Weights.freeze(network, true);
    return network;
  }

  /** The mean and the carried pixels are parts of what the network reads. */
  @Test
  void aResidualModelsViewsAreItsConditions() {
    ViewModel network = model(true);
    ViewSampler sampler = ViewSampler.of(network);
    ViewBatch batch = data.batch(0);
    ViewContext context = batch.on(manager).context();
    ParameterStore store = new ParameterStore(manager, false);
    Conditioning given = network.condition(store, context);
    assertArrayEquals(
        network.codec().decode(given.mean()).toFloatArray(),
        new VolumeView(sampler, manager).predict(batch, 0),
        1e-5f);
    // The folded image, the rendered view of 4 features, opacity and depth, then carried pixels.
    NDArray state = TorchOps.unfold(given.state(), 2);
    float[] carried = network.codec().decode(state.get(":, 9:12")).toFloatArray();
    float[] seen = state.get(":, 12:13").toFloatArray();
    float[] expected = new float[carried.length];
    for (int i = 0; i < expected.length; i++) {
      float share = seen[i % (SIZE * SIZE)];
      expected[i] = share * carried[i] + 1 - share;
    }
    CarriedView view = new CarriedView(network.config(), sampler, manager);
    assertArrayEquals(expected, view.predict(batch, 0), 1e-5f);
  }

  @Test
  void anotherModelsViewIsEnlarged() {
    ViewModel network = model(false);
    ViewBatch batch = data.batch(0);
    ViewContext context = batch.on(manager).context();
    NDArray small =
        network
            .render(new ParameterStore(manager, false), context.source(), context.cameras())
            .x0();
    assertEquals(SIZE / 2, small.getShape().get(2));
    float[] large = new VolumeView(ViewSampler.of(network), manager).predict(batch, 0);
    assertEquals(3 * SIZE * SIZE, large.length);
    float[] image = network.codec().decode(small).toFloatArray();
    assertEquals(image[0], large[0], 1e-5);
    // The second pixel is a quarter of the way between the middles of the first two positions.
    assertEquals(image[0] + 0.25 * (image[1] - image[0]), large[1], 1e-5);
  }
}
