package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training of a residual model's head: noisy samples beside such that start one pass. */
@SuppressWarnings("try") // the handle of a gradient mode is only closed
class OnePassTrainingTest {

  private static final StageConfig.Denoising HALF = new StageConfig.Denoising(true, 0.5, 1, 0);

  @TempDir Path folder;

  private Path data;

  @BeforeEach
  void writeViews() throws IOException {
    data = folder.resolve("views");
    TinyViews.write(data, 4, "train", "train", "validation");
  }

  private static ModelConfig residual() {
    return TinyViews.model().toBuilder()
        .conditioner(c -> c.withVolume(c.volume().orElseThrow().withResidual(true)))
        .build();
  }

  private static TrainingConfig config() {
    return TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
        .losses(l -> l.withRendering(0))
        .stage(HALF)
        .build();
  }

  /** The chosen samples read sigmaMax and the volume's view; the others are as without. */
  @Test
  void chosenSamplesStartAtTheMean() throws IOException {
    ModelConfig model = residual();
    ViewPairDataset views =
        ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, PairOptions.of(16, 3));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      DiffusionPlan plan = new DiffusionPlan(config(), Optional.empty());
      ViewModel network = plan.create(model, config().compute().precision());
      Weights.initialize(network, manager, 1);
      TrainingBatch batch = views.batch(0).on(manager);
      StepInputs some = plan.stage(network, model, manager, null).prepare(manager, batch, 0);
      DiffusionPlan all =
          new DiffusionPlan(
              config().toBuilder().stage(StageConfig.Denoising.plain()).build(), Optional.empty());
      StepInputs plain = all.stage(network, model, manager, null).prepare(manager, batch, 0);
      float[] onePass = ((Label) some.labels().get("onePass")).weight().toFloatArray();
      float[] noisy = ((Label) some.labels().get("denoising")).weight().toFloatArray();
      ParameterStore store = new ParameterStore(manager, false);
      NDArray mean =
          network.condition(store, some.condition().context()).keptMean(manager).orElseThrow();
      int chosen = 0;
      for (int i = 0; i < 16; i++) {
        boolean one = SampleNoise.uniform(batch.seeds()[i], NoiseStreams.ONE_PASS, 1)[0] < 0.5;
        chosen += one ? 1 : 0;
        assertEquals(one ? 1 : 0, onePass[i]);
        assertEquals(one, noisy[i] == 0);
        float sigma = some.sigma().toFloatArray()[i];
        assertEquals(one ? 80 : plain.sigma().toFloatArray()[i], sigma);
        assertArrayEquals(row(one ? mean : plain.x(), i), row(some.x(), i), 1e-6f);
      }
      assertTrue(chosen > 2 && chosen < 14, chosen + " of 16");
    }
  }

  private static float[] row(NDArray array, int i) {
    float[] all = array.toFloatArray();
    int size = all.length / 16;
    return Arrays.copyOfRange(all, i * size, (i + 1) * size);
  }

  /** The encoders stay as they are, whatever the cut; the head learns. */
  @Test
  void theHeadIsTrainedAlone() throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertEquals(48, run(whole));
    Runs.teacher(data, parts)
        .setModel(residual())
        .optConfig(config())
        .optStop(Runs.after(5))
        .build()
        .train();
    assertEquals(48, run(parts));
    Runs.assertSameRun(whole, parts);
    try (Safetensors state = Safetensors.open(whole.resolve(Runs.STATE))) {
      assertTrue(state.names().contains("weights/unet.out.conv.weight"));
      assertFalse(state.names().stream().anyMatch(name -> name.startsWith("weights/volume")));
    }
    try (ModelFolder after = ModelFolder.open(Runs.latest(whole))) {
      assertTrue(after.config().volume().residual());
    }
  }

  private long run(Path run) throws IOException {
    return Runs.teacher(data, run).setModel(residual()).optConfig(config()).build().train();
  }

  @Test
  void aMovingVolumeIsRefused() {
    assertEquals(
        "onePass is 0.5, expected 0 where headAlone is false: one pass starts from the volume's"
            + " view, which must stay",
        assertThrows(
                IllegalArgumentException.class, () -> new StageConfig.Denoising(false, 0.5, 0, 0))
            .getMessage());
  }
}
