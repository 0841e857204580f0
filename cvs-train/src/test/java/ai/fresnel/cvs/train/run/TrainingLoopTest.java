package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.optim.EmaListener;
import ai.fresnel.cvs.train.optim.EmaWeights;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.train.stage.DenoiserBlock;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.ToyTraining;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop with its parts put together by hand: what it leaves in memory, when it saves. */
class TrainingLoopTest {

  private static final Scaling SCALES = new EdmScaling(0.5);

  @TempDir Path folder;

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final List<Long> saved = new ArrayList<>();
  private final List<Long> drawn = new ArrayList<>();
  private final List<Long> validated = new ArrayList<>();
  private ViewPairDataset pairs;
  private List<Integer> checkpointLevels = List.of();

  @BeforeEach
  void views() throws IOException {
    Path data = folder.resolve("views");
    TinyViews.write(data, 3, "train", "train");
    pairs = ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, PairOptions.of(4, 1));
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

  /** What a run asks between steps; true = stop. */
  private interface Watch {
    boolean stops(StageTrainer trainer);
  }

  private void run(Stage stage, DenoiserBlock block, EmaWeights ema, int steps, Watch watch)
      throws IOException {
    TrainingConfig config =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .run(r -> r.withMaxSamples(4L * steps))
            .compute(c -> c.withCheckpointLevels(checkpointLevels))
            .build();
    TrainingLoop.Keeper keeper =
        new TrainingLoop.Keeper() {
          @Override
          public boolean isSound() {
            return true;
          }

          @Override
          public TrainingState.Counters restore() {
            throw new AssertionError("nothing went wrong");
          }

          @Override
          public double validate(TrainingState.Counters counters) {
            validated.add(counters.samples());
            return Double.NaN;
          }

          @Override
          public void save(TrainingState.Counters counters) {
            saved.add(counters.samples());
          }

          @Override
          public void preview(long images) {
            drawn.add(images);
          }
        };
    try (Model model = Model.newInstance("test", Device.cpu(), "PyTorch");
        BatchSource batches = ViewPairs.of(pairs, manager)) {
      model.setBlock(block);
      EmaListener average = new EmaListener(ema, 0.9);
      try (StageTrainer trainer = new StageTrainer(model, config, new Position(), average)) {
        new TrainingLoop(
                trainer,
                stage,
                batches,
                config,
                keeper,
                new RunLog(folder, 0),
                p -> {},
                () -> watch.stops(trainer))
            .run(0);
      }
    }
  }

  private static Stage denoising() {
    return ToyTraining.denoising(
        SCALES, new LogNormalSigmas(-1, 1), 0.1, StateCodec.of(TinyViews.model()));
  }

  /** Arrays held after each step: a step must give back all it takes. */
  private void assertFlat(List<int[]> counts) {
    int[] early = counts.get(3);
    int[] late = counts.get(counts.size() - 1);
    assertEquals(Arrays.toString(early), Arrays.toString(late), "arrays of trainer and network");
  }

  private int[] held(StageTrainer trainer) {
    return new int[] {
      trainer.getManager().getManagedArrays().size(), manager.getManagedArrays().size()
    };
  }

  @Test
  void fiftyStepsOfDenoisingHoldNoMoreThanThree() throws IOException {
    ViewModel network = network(1);
    List<int[]> counts = new ArrayList<>();
    run(
        denoising(),
        DenoiserBlock.denoiser(network, SCALES),
        new EmaWeights(network, network(2)),
        50,
        trainer -> {
          counts.add(held(trainer));
          return false;
        });
    assertEquals(51, counts.size());
    assertFlat(counts);
  }

  @Test
  void fiftyStepsComputedTwiceHoldNoMoreThanThree() throws IOException {
    checkpointLevels = List.of(0, 1);
    fiftyStepsOfDenoisingHoldNoMoreThanThree();
  }

  @Test
  void fiftyStepsOfDistillingHoldNoMoreThanThree() throws IOException {
    ViewModel network = network(1);
    ViewModel target = network(2);
    EmaWeights average = new EmaWeights(network, target);
    NoiseSchedule schedule = new NoiseSchedule(0.002, 80, 7);
    TrainingConfig config = Runs.studentConfig(0.9);
    Stage stage =
        ToyTraining.distillation(
            network(3), target, SCALES, schedule, config, StateCodec.of(TinyViews.model()));
    List<int[]> counts = new ArrayList<>();
    run(
        stage,
        DenoiserBlock.consistency(network, SCALES, schedule.sigmaMin()),
        average,
        50,
        trainer -> {
          counts.add(held(trainer));
          return false;
        });
    assertFlat(counts);
  }

  /** The request comes while the third step runs: it is the last, and it is saved. */
  @Test
  void aRequestToStopSavesTheStepItFollows() throws IOException {
    ViewModel network = network(1);
    run(
        denoising(),
        DenoiserBlock.denoiser(network, SCALES),
        new EmaWeights(network, network(2)),
        50,
        trainer -> trainer.steps() == 3);
    assertEquals(List.of(12L), saved);
    assertEquals(List.of(), drawn);
    assertEquals(List.of(), validated);
  }

  /** Every answer is acted on: one that says "stop" only once ends the run, saved. */
  @Test
  void aRequestIsAskedForOnceAStep() throws IOException {
    ViewModel network = network(1);
    int[] asked = {0};
    run(
        denoising(),
        DenoiserBlock.denoiser(network, SCALES),
        new EmaWeights(network, network(2)),
        50,
        trainer -> asked[0]++ == 3);
    assertEquals(4, asked[0]);
    assertEquals(List.of(12L), saved);
  }

  @Test
  void theEndIsSavedMeasuredAndDrawnOnce() throws IOException {
    ViewModel network = network(1);
    run(
        denoising(),
        DenoiserBlock.denoiser(network, SCALES),
        new EmaWeights(network, network(2)),
        3,
        trainer -> false);
    assertEquals(List.of(12L), saved);
    assertEquals(List.of(12L), drawn);
    assertEquals(List.of(12L), validated);
  }
}
