package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.monitor.MetricsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The loop both stages share: batch, inputs and labels, update, listeners; now and then metrics, a
 * saved state, a preview. It is a pure function of the run's settings and the samples seen, so that
 * a run stopped and resumed equals one left alone.
 */
final class TrainingLoop {

  private static final Duration REPORT_EVERY = Duration.ofSeconds(10);

  private final StageTrainer trainer;
  private final Stage stage;
  private final BatchSource source;
  private final TrainingConfig config;
  private final Keeper keeper;
  private final MetricsFile metrics;
  private final Consumer<TrainingProgress> progress;
  private final BooleanSupplier stop;

  /** What the loop does between steps: both may be slow, neither changes what is trained. */
  interface Keeper {

    /** Saves all that resuming needs, and the model so far. */
    void save(TrainingState.Counters counters) throws IOException;

    /** Draws something for a person to look at. */
    void preview(long images) throws IOException;
  }

  /**
   * @param progress hears of every report
   * @param stop asked after each step, on the loop's thread: true means save and return
   */
  TrainingLoop(
      StageTrainer trainer,
      Stage stage,
      BatchSource source,
      TrainingConfig config,
      Keeper keeper,
      Path run,
      Consumer<TrainingProgress> progress,
      BooleanSupplier stop) {
    this.trainer = trainer;
    this.stage = stage;
    this.source = source;
    this.config = config;
    this.keeper = keeper;
    this.metrics = new MetricsFile(run);
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Trains until the run's length is reached or the loop is asked to stop; either way the state
   * that is left is the last step's.
   *
   * @param secondsBefore time spent in earlier parts of the run
   * @return the samples seen
   */
  long run(double secondsBefore) throws IOException {
    long start = System.nanoTime();
    long lastReport = start;
    long lastState = start;
    long lastPreview = start;
    Window window = new Window();
    boolean saved = false;
    // Asked once a step: a request that comes later is the next step's.
    boolean stopped = stop.getAsBoolean();
    while (trainer.images() < config.maxImages() && !stopped) {
      step();
      window.add(trainer);
      stopped = stop.getAsBoolean();
      boolean last = stopped || trainer.images() >= config.maxImages();
      long now = System.nanoTime();
      if (last || passed(lastReport, now, REPORT_EVERY)) {
        report(window, now - lastReport, secondsBefore + (now - start) / 1e9);
        window = new Window();
        lastReport = System.nanoTime();
      }
      saved = last || passed(lastState, now, config.stateEvery());
      if (saved) {
        save(secondsBefore + (now - start) / 1e9);
        lastState = System.nanoTime();
        lastReport += lastState - now;
      }
      if (!last && passed(lastPreview, now, config.previewEvery())) {
        long before = System.nanoTime();
        keeper.preview(trainer.images());
        lastPreview = System.nanoTime();
        lastReport += lastPreview - before;
      }
    }
    if (!saved) {
      // No step was left to do; a run killed after its last state may lack the snapshot of it.
      save(secondsBefore);
    }
    if (!stopped) {
      keeper.preview(trainer.images());
    }
    return trainer.images();
  }

  private void step() {
    try (NDManager manager = trainer.getManager().newSubManager()) {
      TrainingBatch batch = source.batch(manager, trainer.steps());
      double done = trainer.images() / (double) config.maxImages();
      StepInputs inputs;
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        inputs = stage.prepare(manager, batch, done);
      }
      trainer.train(inputs);
    }
  }

  private void report(Window window, long nanos, double seconds) throws IOException {
    TrainingProgress now =
        new TrainingProgress(
            trainer.images(),
            config.maxImages(),
            window.loss / window.steps,
            window.norm / window.steps,
            config.rateSchedule().rate(trainer.images()),
            window.images * 1e9 / nanos,
            seconds);
    metrics.append(now.toJson());
    progress.accept(now);
  }

  private void save(double seconds) throws IOException {
    keeper.save(new TrainingState.Counters(trainer.steps(), trainer.images(), seconds));
  }

  private static boolean passed(long since, long now, Duration interval) {
    return now - since >= interval.toNanos();
  }

  /** Sums since the last report. */
  private static final class Window {
    private double loss;
    private double norm;
    private long steps;
    private long images;
    private long first = -1;

    void add(StageTrainer trainer) {
      if (first < 0) {
        first = trainer.images() - trainer.lastBatch();
      }
      loss += trainer.lastLoss();
      norm += trainer.lastNorm();
      steps++;
      images = trainer.images() - first;
    }
  }
}
