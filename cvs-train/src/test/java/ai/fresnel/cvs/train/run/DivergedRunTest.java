package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.monitor.EventReader;
import ai.fresnel.cvs.train.monitor.MetricsFile;
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
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that lose their way: what they go back to, how they go on, when they give up. */
class DivergedRunTest {

  private static final Scaling SCALES = new EdmScaling(0.5);
  private static final TrainingConfig CONFIG =
      TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
          .run(r -> r.withStateEvery(Duration.ofDays(1)))
          .build();

  @TempDir Path folder;

  private Path data;
  private final List<Long> batches = new ArrayList<>();

  @BeforeEach
  void views() throws IOException {
    data = folder.resolve("views");
    TinyViews.write(data, 3, "train", "train");
  }

  private ObservedSteps observed = ObservedSteps.none();

  /** A run with its parts put together by hand, some of whose batches are NaN. */
  private TrainingState.Counters train(
      Path run, TrainingConfig config, long firstBatch, LongPredicate broken, BooleanSupplier stop)
      throws IOException {
    ViewPairDataset pairs =
        ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, PairOptions.of(4, 1));
    Stage stage =
        ToyTraining.denoising(
            SCALES, new LogNormalSigmas(-1, 1), 0.1, StateCodec.of(TinyViews.model()));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Model model = Model.newInstance("test", Device.cpu(), "PyTorch")) {
      ViewModel network = new ViewModel(TinyViews.model());
      ViewModel average = new ViewModel(TinyViews.model());
      Weights.initialize(network, manager, 1);
      Weights.initialize(average, manager, 2);
      TrainingState state =
          new TrainingState()
              .with("weights", Weights.trainable(network))
              .with("ema", Weights.trainable(average));
      Position position = new Position();
      model.setBlock(DenoiserBlock.denoiser(network, SCALES));
      EmaListener follower = new EmaListener(new EmaWeights(network, average), 0.9);
      BatchSource source =
          (owner, index) -> {
            batches.add(index);
            TrainingBatch batch = pairs.batch(firstBatch + index).on(owner);
            return broken.test(index) ? batch.withTargets(batch.targets().mul(Float.NaN)) : batch;
          };
      try (StageTrainer trainer =
          new StageTrainer(model, config, position, List.of(), List.of(follower), observed)) {
        trainer.state().forEach(state::with);
        if (TrainingState.exists(run)) {
          position.restore(state.restore(run, manager));
        } else {
          state.save(run, position.counters(0));
        }
        RunLog log = new RunLog(run, position.samples());
        new TrainingLoop(
                trainer, stage, source, config, keeper(run, state, manager), log, p -> {}, stop)
            .run(0);
        return position.counters(0);
      }
    }
  }

  private static TrainingLoop.Keeper keeper(Path run, TrainingState state, NDManager manager) {
    return new TrainingLoop.Keeper() {
      @Override
      public boolean isSound() {
        return state.isFinite();
      }

      @Override
      public void save(TrainingState.Counters counters) throws IOException {
        state.save(run, counters);
      }

      @Override
      public TrainingState.Counters restore() throws IOException {
        return state.restore(run, manager);
      }

      @Override
      public double validate(TrainingState.Counters counters) {
        return Double.NaN;
      }

      @Override
      public void preview(long images) {}
    };
  }

  private static void assertSameWeights(Path expected, Path actual) throws IOException {
    try (Safetensors one = Safetensors.open(expected.resolve(TrainingState.FILE));
        Safetensors other = Safetensors.open(actual.resolve(TrainingState.FILE))) {
      for (String name : one.names()) {
        assertEquals(one.bytes(name), other.bytes(name), name);
      }
    }
  }

  private static void assertFinite(Path tensors) throws IOException {
    try (Safetensors saved = Safetensors.open(tensors);
        NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      for (String name : saved.names()) {
        assertTrue(Weights.isFinite(saved.read(manager, name)), name);
      }
    }
  }

  /** Back to the start, on with the batches that come after, all of it at half the rate. */
  @Test
  void aBrokenBatchIsLeftBehind() throws IOException {
    Path run = folder.resolve("run");
    TrainingState.Counters end = train(run, CONFIG, 0, i -> i == 7, () -> false);
    assertEquals(new TrainingState.Counters(12, 48, 0, 1, 8), end);
    assertEquals(LongStream.range(0, 20).boxed().toList(), batches);
    Path expected = folder.resolve("expected");
    TrainingConfig half =
        CONFIG.toBuilder()
            .optimization(
                o ->
                    o.withRate(
                        r -> r.withLearningRate(CONFIG.optimization().rate().learningRate() / 2)))
            .build();
    train(expected, half, 8, i -> false, () -> false);
    assertSameWeights(expected, run);
    List<JsonObject> metrics = new MetricsFile(run).read();
    JsonObject last = metrics.get(metrics.size() - 1);
    assertEquals(48, last.get("samples").getAsLong());
    assertEquals(half.rateSchedule().rate(48), last.get("learning_rate").getAsDouble());
  }

  /** DJL's listener that throws at a loss of NaN leaves going back to the run. */
  @Test
  void listenersDoNotHearOfTheBrokenBatch() throws IOException {
    Observers basic = new Observers(List.of(TrainingListener.Defaults.basic()), List.of());
    observed = new ObservedSteps(basic, 8);
    observed.decodeBy(Device.cpu(), StateCodec.of(TinyViews.model()));
    TrainingState.Counters end = train(folder.resolve("run"), CONFIG, 0, i -> i == 7, () -> false);
    assertEquals(new TrainingState.Counters(12, 48, 0, 1, 8), end);
  }

  @Test
  void theLastStateIsWhatItGoesBackTo() throws IOException {
    Path run = folder.resolve("run");
    TrainingConfig saving = CONFIG.toBuilder().run(r -> r.withStateEvery(Duration.ZERO)).build();
    TrainingState.Counters end = train(run, saving, 0, i -> i == 7 || i == 9, () -> false);
    assertEquals(new TrainingState.Counters(12, 48, 0, 2, 2), end);
    assertEquals(LongStream.range(0, 14).boxed().toList(), batches);
    assertFinite(run.resolve(TrainingState.FILE));
  }

  @Test
  void aRunThatWentBackResumesLikeAnyOther() throws IOException {
    Path whole = folder.resolve("whole");
    train(whole, CONFIG, 0, i -> i == 2, () -> false);
    Path parts = folder.resolve("parts");
    int stopped = 5;
    train(parts, CONFIG, 0, i -> i == 2, Runs.after(stopped));
    TrainingState.Counters end = train(parts, CONFIG, 0, i -> i == 2, () -> false);
    assertEquals(new TrainingState.Counters(12, 48, 0, 1, 3), end);
    assertSameWeights(whole, parts);
    // What was told before the return is gone for readers of both.
    Set<Long> told =
        new MetricsFile(parts)
            .read().stream()
                .map(line -> line.get("samples").getAsLong())
                .collect(Collectors.toSet());
    assertEquals(Set.of(8L, 48L), told);
    assertEquals(told, EventReader.read(parts.resolve(RunLog.EVENTS)).scalars.get("loss").keySet());
  }

  @Test
  void afterThreeReturnsItIsGivenUp() throws IOException {
    Path run = folder.resolve("run");
    TrainingConfig saving = CONFIG.toBuilder().run(r -> r.withStateEvery(Duration.ZERO)).build();
    String message =
        assertThrows(
                TrainingDivergedException.class,
                () -> train(run, saving, 0, i -> i >= 7, () -> false))
            .getMessage();
    assertEquals(
        "the loss is NaN after 32 samples, 3 times before: the run is stopped, its state of 28"
            + " samples is kept; a new run wants a lower learningRate or other data",
        message);
    assertEquals(LongStream.range(0, 11).boxed().toList(), batches);
    assertFinite(run.resolve(TrainingState.FILE));
    try (Safetensors state = Safetensors.open(run.resolve(TrainingState.FILE))) {
      assertEquals("28", state.metadata().get("samples"));
      assertEquals("3", state.metadata().get("returns"));
      assertEquals("3", state.metadata().get("skipped"));
    }
  }

  /** The optimiser leaves out a step without a finite gradient, and so does the state its NaN. */
  @Test
  void withoutTheGuardNothingGoesBack() throws IOException {
    Path run = folder.resolve("run");
    TrainingConfig off = CONFIG.toBuilder().run(r -> r.withExplosionFactor(0)).build();
    TrainingState.Counters end = train(run, off, 0, i -> i == 7, () -> false);
    assertEquals(new TrainingState.Counters(12, 48, 0, 0, 0), end);
    assertFinite(run.resolve(TrainingState.FILE));
  }

  @Test
  void oneArrayThatIsNotFiniteSpoilsAState() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 3e38f}) {
        Map<String, NDArray> arrays =
            Map.of(
                "a", manager.ones(new Shape(3, 2)),
                "b", manager.create(new float[] {1, bad, 2}).duplicate());
        TrainingState state = new TrainingState().with("weights", arrays);
        int held = manager.getManagedArrays().size();
        assertEquals(Float.isFinite(bad), state.isFinite());
        assertEquals(held, manager.getManagedArrays().size());
      }
    }
  }

  @Test
  void anAbsurdRateIsGivenUpWithASoundState() throws IOException {
    Path run = folder.resolve("run");
    TrainingConfig absurd =
        CONFIG.toBuilder()
            .optimization(o -> o.withRate(r -> r.withLearningRate(9.9)))
            .run(r -> r.withMaxSamples(800))
            .build();
    String message =
        assertThrows(
                TrainingDivergedException.class,
                () -> Runs.teacher(data, run).optConfig(absurd).build().train())
            .getMessage();
    assertTrue(message.contains(", 3 times before: the run is stopped"), message);
    assertFinite(run.resolve(TrainingState.FILE));
    assertFinite(Runs.latest(run).resolve(ModelFolder.WEIGHTS));
    assertFalse(run.resolve("snapshots/best").toFile().exists());
  }
}
