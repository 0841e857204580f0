package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.optim.TensorLists;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.train.stage.DenoiserBlock;
import ai.fresnel.cvs.train.stage.NoiseStreams;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.StepInputs;
import ai.fresnel.cvs.train.stage.ToyTraining;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidationTest {

  private static final Scaling SCALES = new EdmScaling(0.5);
  private static final StateCodec CODEC = StateCodec.of(TinyViews.model());
  private static final int PAIRS = 7;

  @TempDir Path folder;

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private ViewBatch pairs;

  @BeforeEach
  void views() throws IOException {
    TinyViews.write(folder, 3, "validation", "validation");
    pairs =
        ViewPairDataset.load(ViewSet.open(folder), Split.VALIDATION, PairOptions.of(PAIRS, 1))
            .batch(0);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private ViewModel network(long seed) {
    ViewModel network = new ViewModel(TinyViews.model());
    Weights.initialize(network, manager, seed);
    return network;
  }

  private static Validation denoising(ViewModel network, ViewBatch pairs, int batchSize) {
    return new Validation(
        ToyTraining.denoising(SCALES, new LogNormalSigmas(-1, 1), 0, CODEC),
        DenoiserBlock.denoiser(network, SCALES),
        pairs,
        batchSize);
  }

  /** The squared error of a network that predicts nothing: D = cSkip·x, by the formula. */
  private double lossOfNothing() {
    double sum = 0;
    TrainingBatch batch = pairs.on(manager);
    for (int i = 0; i < PAIRS; i++) {
      long[] seed = {batch.seeds()[i]};
      double sigma = Math.exp(-1 + SampleNoise.normal(seed[0], NoiseStreams.SIGMA, 1)[0]);
      NDArray x0 = CODEC.encode(batch.targets()).get(i + ":" + (i + 1));
      NDArray noise = SampleNoise.normal(manager, seed, NoiseStreams.NOISE, x0.getShape().slice(1));
      double skip = 0.25 / (sigma * sigma + 0.25);
      double weight = (sigma * sigma + 0.25) / (sigma * sigma * 0.25);
      NDArray error = x0.add(noise.mul(sigma)).mul(skip).sub(x0);
      sum += weight * error.square().mean().getFloat();
    }
    return sum / PAIRS;
  }

  @Test
  void isTheMeanLossOverAllPairsHoweverTheyAreGrouped() {
    ViewModel nothing = network(3);
    Weights.arrays(nothing).values().forEach(array -> TensorLists.copy(array.zerosLike(), array));
    double expected = lossOfNothing();
    for (int batchSize : new int[] {1, 3, PAIRS, 64}) {
      int held = manager.getManagedArrays().size();
      double measured = denoising(nothing, pairs, batchSize).measure(manager);
      assertEquals(expected, measured, 1e-4 * expected, "in batches of " + batchSize);
      assertEquals(held, manager.getManagedArrays().size());
    }
  }

  /** Each pair keeps its own photograph and pose: a network that looks at them sees no grouping. */
  @Test
  void isTheLossOfOneStepOfTraining() {
    ViewModel network = network(3);
    for (NDArray weight : Weights.arrays(network).values()) {
      // No layer silent, as some are at the start of training.
      TensorLists.copy(
          weight.add(manager.randomNormal(0, 0.3f, weight.getShape(), weight.getDataType())),
          weight);
    }
    Stage stage = ToyTraining.denoising(SCALES, new LogNormalSigmas(-1, 1), 0, CODEC);
    DenoiserBlock block = DenoiserBlock.denoiser(network, SCALES);
    TrainingBatch batch = pairs.on(manager);
    double expected = loss(stage, block, batch);
    for (int batchSize : new int[] {1, 3}) {
      double measured = denoising(network, pairs, batchSize).measure(manager);
      assertEquals(expected, measured, 1e-5 * expected, "in batches of " + batchSize);
    }
    ViewContext context = batch.context();
    NDArray turned = context.source().flip(0);
    TrainingBatch mixed = batch.withContext(ViewContext.of(turned, context.cameras()));
    assertNotEquals(expected, loss(stage, block, mixed), 1e-4 * expected);
  }

  private double loss(Stage stage, DenoiserBlock block, TrainingBatch batch) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      StepInputs inputs = stage.prepare(manager, batch, 0);
      return ToyTraining.loss(block, manager, inputs).getFloat();
    }
  }

  /** A stage whose grid changes is measured on its last: it never sees where the run is. */
  @Test
  void aConsistencyStageIsMeasuredOnItsLastGrid() {
    NoiseSchedule schedule = new NoiseSchedule(0.002, 80, 7);
    ViewModel network = network(1);
    double[] measured = new double[2];
    for (int i = 0; i < 2; i++) {
      Integer[] grids = i == 0 ? new Integer[] {2, 8} : new Integer[] {8};
      TrainingConfig config =
          Runs.studentConfig(0).toBuilder().student(s -> s.intervals(grids)).build();
      Stage stage = ToyTraining.distillation(network(2), network, SCALES, schedule, config, CODEC);
      measured[i] =
          new Validation(
                  stage, DenoiserBlock.consistency(network, SCALES, schedule.sigmaMin()), pairs, 4)
              .measure(manager);
    }
    assertTrue(measured[0] > 0);
    assertEquals(measured[0], measured[1]);
  }
}
