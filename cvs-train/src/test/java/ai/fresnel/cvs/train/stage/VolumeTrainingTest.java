package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.DiffusionTrainer;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training of the volume alone. */
@SuppressWarnings("try") // the handle of a gradient mode is only closed
class VolumeTrainingTest {

  @TempDir Path folder;

  private Path data;

  @BeforeEach
  void writeViews() throws IOException {
    data = folder.resolve("views");
    TinyViews.write(data, 4, "train", "train", "validation");
  }

  private static TrainingConfig config(int targets) {
    return TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
        .stage(StageConfig.SceneAlone.of(targets))
        .build();
  }

  private DiffusionTrainer.Builder trainer(TrainingConfig config, Path run) {
    return Runs.teacher(data, run).optConfig(config);
  }

  /** One photograph for several targets gives the views and the gradient of one for each. */
  @Test
  void aPhotographIsEncodedOnceForItsTargets() throws IOException {
    ModelConfig model = TinyViews.model();
    PairOptions options = PairOptions.of(8, 3).withTargets(4);
    ViewPairDataset views = ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, options);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ViewModel network = new ViewModel(model);
      Weights.initialize(network, manager, 1);
      // The last layer is silent before training.
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        NDArray last = Weights.arrays(network).get("volume.out.conv.weight");
        last.addi(manager.randomNormal(0, 0.3f, last.getShape(), last.getDataType()));
      }
      TrainingBatch shared = views.batch(0).on(manager);
      assertEquals(new Shape(2, 4, 3, 16, 16), shared.target().getShape());
      assertEquals(new Shape(2, 1, 3, 16, 16), shared.source().getShape());
      assertEquals(new Shape(2, 4, 16), shared.cameras().getShape());
      ViewContext context = shared.context();
      TrainingBatch single =
          shared.withContext(ViewContext.of(context.sourceOfEachView(), context.cameras()));
      Stage stage = new VolumeStage(model, StageConfig.SceneAlone.of(4));
      float[][] seen = new float[2][];
      float[][] gradients = new float[2][];
      for (int k = 0; k < 2; k++) {
        VolumeBlock block = new VolumeBlock(network);
        StepInputs inputs = stage.prepare(manager, k == 0 ? single : shared, 0);
        Weights.arrays(network).get("volume.in.conv.weight").getGradient().muli(0);
        try (var collector = TorchRuntime.engine().newGradientCollector()) {
          Outputs outputs = block.run(new ParameterStore(manager, false), inputs);
          seen[k] = outputs.get(Outputs.RENDERED).toFloatArray();
          collector.backward(inputs.labels().perSample(outputs).mean());
        }
        gradients[k] =
            Weights.arrays(network).get("volume.in.conv.weight").getGradient().toFloatArray();
      }
      assertArrayEquals(seen[0], seen[1], 1e-5f);
      assertArrayEquals(gradients[0], gradients[1], 1e-5f);
      assertTrue(views.batch(0).pairs().get(0).target() != views.batch(0).pairs().get(1).target());
    }
  }

  /** The volume and what it is made with are trained, the rest waits; the next run goes on. */
  @Test
  void theVolumeIsTrainedAlone() throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertEquals(48, trainer(config(2), whole).build().train());
    assertEquals(20, trainer(config(2), parts).optStop(Runs.after(5)).build().train());
    assertEquals(48, trainer(config(2), parts).build().train());
    Runs.assertSameRun(whole, parts);
    try (Safetensors state = Safetensors.open(whole.resolve(Runs.STATE))) {
      assertTrue(state.names().contains("weights/volume.out.conv.weight"));
      assertTrue(state.names().contains("weights/detail.out.out.weight"));
      assertFalse(state.names().stream().anyMatch(name -> name.startsWith("weights/unet")));
    }
    assertTrue(Files.exists(whole.resolve("previews/000000048.png")));
    Path next = folder.resolve("next");
    Runs.teacherFrom(Runs.latest(whole), data, next).optStop(() -> true).build().train();
    try (ModelFolder before = ModelFolder.open(Runs.latest(whole));
        ModelFolder after = ModelFolder.open(Runs.latest(next))) {
      String name = "volume.out.conv.weight";
      assertEquals(before.weights().bytes(name), after.weights().bytes(name));
    }
  }

  /**
   * What depth says of the volume is learned too, whatever the cut; without depth it is asked for.
   */
  @Test
  void geometryIsLearnedFromDepth() throws IOException {
    TrainingConfig geometry =
        config(2).toBuilder().stage(new StageConfig.SceneAlone(2, 0.1, 0.2, 0.3)).build();
    IOException missing =
        assertThrows(
            IOException.class, () -> trainer(geometry, folder.resolve("none")).build().train());
    assertTrue(missing.getMessage().contains("no depth"), missing.getMessage());
    Path deep = folder.resolve("deep");
    TinyViews.writeWithDepth(deep, 4, "train", "train", "validation");
    Path whole = folder.resolve("deep-whole");
    Path parts = folder.resolve("deep-parts");
    assertEquals(48, Runs.teacher(deep, whole).optConfig(geometry).build().train());
    Runs.teacher(deep, parts).optConfig(geometry).optStop(Runs.after(5)).build().train();
    assertEquals(48, Runs.teacher(deep, parts).optConfig(geometry).build().train());
    Runs.assertSameRun(whole, parts);
  }

  @Test
  void whatDoesNotGoTogetherIsSaid() {
    IllegalArgumentException none =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                trainer(config(2), folder.resolve("run"))
                    .setModel(
                        TinyViews.model().toBuilder().conditioner(c -> c.withoutVolume()).build())
                    .build()
                    .train());
    assertEquals(
        "volumeTargets is 2, expected 0 for tiny16, which has no volume", none.getMessage());
    assertThrows(IllegalArgumentException.class, () -> config(3));
    assertThrows(
        IllegalArgumentException.class,
        () -> config(2).toBuilder().losses(l -> l.withRendering(0)).build());
  }
}
