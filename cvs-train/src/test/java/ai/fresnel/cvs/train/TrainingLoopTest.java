package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.GaussianToy;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.nn.DenoiserNetwork;
import ai.fresnel.cvs.nn.NetworkBlock;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.nn.Weights;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.Split;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.data.ViewSet;
import ai.fresnel.cvs.train.listener.EmaListener;
import ai.fresnel.cvs.train.schedule.LogNormalLevels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop with its parts put together by hand: what it leaves in memory, when it saves. */
class TrainingLoopTest {

  private static final Preconditioning SCALES = new Preconditioning(0.5);

  @TempDir Path folder;

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final List<Long> saved = new ArrayList<>();
  private final List<Long> drawn = new ArrayList<>();
  private ViewPairDataset pairs;

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

  private ViewNetwork network(long seed) {
    ViewNetwork network = new ViewNetwork(TinyViews.model());
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
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder().maxImages(4L * steps).build();
    DefaultTrainingConfig djl =
        new DefaultTrainingConfig(stage.loss())
            .optDevices(new Device[] {Device.cpu()})
            .addTrainingListeners(new EmaListener(ema, 0.9));
    TrainingLoop.Keeper keeper =
        new TrainingLoop.Keeper() {
          @Override
          public void save(TrainingState.Counters counters) {
            saved.add(counters.images());
          }

          @Override
          public void preview(long images) {
            drawn.add(images);
          }
        };
    try (Model model = Model.newInstance("test", Device.cpu(), "PyTorch");
        ViewPairs batches = new ViewPairs(pairs)) {
      model.setBlock(block);
      try (StageTrainer trainer = new StageTrainer(model, djl, config, new Position())) {
        new TrainingLoop(
                trainer,
                stage,
                batches,
                config,
                keeper,
                folder,
                p -> {},
                () -> watch.stops(trainer))
            .run(0);
      }
    }
  }

  private static Stage denoising() {
    return new DenoisingStage(SCALES, new LogNormalLevels(-1, 1), 0.1);
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
    ViewNetwork network = network(1);
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
  void fiftyStepsOfDistillingHoldNoMoreThanThree() throws IOException {
    ViewNetwork network = network(1);
    ViewNetwork target = network(2);
    EmaWeights average = new EmaWeights(network, target);
    NoiseSchedule schedule = new NoiseSchedule(0.002, 80, 7);
    Stage stage =
        new ConsistencyStage(
            ConsistencyStage.Teacher.of(network(3), SCALES),
            target,
            SCALES,
            schedule,
            Runs.studentConfig(0.9));
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
    ViewNetwork network = network(1);
    run(
        denoising(),
        DenoiserBlock.denoiser(network, SCALES),
        new EmaWeights(network, network(2)),
        50,
        trainer -> trainer.steps() == 3);
    assertEquals(List.of(12L), saved);
    assertEquals(List.of(), drawn);
  }

  /** Every answer is acted on: one that says "stop" only once ends the run, saved. */
  @Test
  void aRequestIsAskedForOnceAStep() throws IOException {
    ViewNetwork network = network(1);
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
  void theEndIsSavedAndDrawnOnce() throws IOException {
    ViewNetwork network = network(1);
    run(
        denoising(),
        DenoiserBlock.denoiser(network, SCALES),
        new EmaWeights(network, network(2)),
        3,
        trainer -> false);
    assertEquals(List.of(12L), saved);
    assertEquals(List.of(12L), drawn);
  }

  /** A batch asked for out of turn is the one of its number, also after others were made ahead. */
  @Test
  void batchesAreThoseOfTheirNumbers() {
    try (ViewPairs batches = new ViewPairs(pairs);
        NDManager sub = manager.newSubManager()) {
      for (long index : new long[] {0, 1, 2, 7, 8, 0, 5, 5, 6}) {
        TrainingBatch batch = batches.batch(sub, index);
        assertEquals(
            Arrays.toString(pairs.batch(index).sampleSeeds()), Arrays.toString(batch.seeds()));
        assertTrue(
            Arrays.equals(pairs.batch(index).target(), batch.x0().toFloatArray()),
            "target of batch " + index);
        assertTrue(
            Arrays.equals(pairs.batch(index).source(), batch.conditions().get(0).toFloatArray()));
        assertTrue(
            Arrays.equals(pairs.batch(index).pose(), batch.conditions().get(1).toFloatArray()));
      }
      batches.close();
      assertTrue(batches.batch(sub, 7).x0().getShape().get(0) == 4, "opens again");
    }
  }

  /** An encoder used as it was published has no gradients: it is neither moved nor in the way. */
  @Test
  void frozenEncodersAreNotTrained() {
    ToyNetwork trained = new ToyNetwork(2, 4);
    WithEncoder network = new WithEncoder(trained);
    Weights.initialize(network, manager, 1);
    Weights.freeze(network, false);
    Map<String, NDArray> frozen = Weights.arrays(network.encoder);
    frozen.values().forEach(array -> array.setRequiresGradient(false));
    float[] before = frozen.get("in.weight").toFloatArray();
    float[] start = Weights.arrays(trained).get("in.weight").toFloatArray();
    TrainingConfig config =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder().weightDecay(0.5).build();
    Stage stage = new DenoisingStage(SCALES, new LogNormalLevels(-1, 1), 0);
    ToyTraining.run(
        stage,
        DenoiserBlock.denoiser(network, SCALES),
        ToyTraining.points(GaussianToy.anisotropic(), 4, 1),
        config);
    assertTrue(Arrays.equals(before, frozen.get("in.weight").toFloatArray()));
    assertTrue(!Arrays.equals(start, Weights.arrays(trained).get("in.weight").toFloatArray()));
  }

  /** A network beside an encoder that is never trained. */
  private static final class WithEncoder extends AbstractBlock implements DenoiserNetwork {

    private final ToyNetwork trained;
    final Frozen encoder;

    WithEncoder(ToyNetwork trained) {
      this.trained = addChildBlock("trained", trained);
      this.encoder = addChildBlock("encoder", new Frozen());
    }

    @Override
    public Conditioning condition(ParameterStore store, NDList inputs) {
      return trained.condition(store, inputs);
    }

    @Override
    public NDArray predict(
        ParameterStore store, NDArray scaledX, NDArray cNoise, Conditioning conditioning) {
      return trained.predict(store, scaledX, cNoise, conditioning);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      return trained.forward(store, inputs, training);
    }

    @Override
    protected void initializeChildBlocks(NDManager owner, DataType dataType, Shape... inputShapes) {
      trained.initialize(owner, dataType, inputShapes);
      encoder.initialize(owner, dataType, inputShapes);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  /** What DINOv2 is to a network. */
  private static final class Frozen extends NetworkBlock {

    Frozen() {
      addChildBlock("", new ToyNetwork(2, 4));
    }

    @Override
    protected boolean isTrainable() {
      return false;
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      return inputs;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
