package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.monitor.SigmaBins;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.StepInputs;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop both stages share: batch, inputs and labels, update, listeners; now and then metrics, a
 * saved state, a validation, a preview. It is a pure function of the run's settings and the samples
 * seen, so that a run stopped and resumed equals one left alone; only one that diverges depends on
 * when its states were saved, since it goes back to the last.
 */
final class TrainingLoop {

  private static final Duration REPORT_EVERY = Duration.ofSeconds(10);

  /** How often a run may go back before it is given up. */
  static final int MAX_RETURNS = 3;

  /** A validation is followed by at least so many times its own length of training. */
  private static final int TRAINING_PER_VALIDATION = 100;

  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

  private final StageTrainer trainer;
  private final Stage stage;
  private final BatchSource source;
  private final TrainingConfig config;
  private final Keeper keeper;
  private final RunLog log;
  private final Consumer<TrainingProgress> progress;
  private final BooleanSupplier stop;
  private final DivergenceGuard guard;

  private final long start = System.nanoTime();
  private double secondsBefore;
  private Window window = new Window();

  /** The loop's work between steps: all of it may be slow, none changes the weights. */
  interface Keeper {

    /** Tells whether all that would be saved is finite. */
    boolean isSound();

    /** Saves all that resuming needs, and the model so far. */
    void save(TrainingState.Counters counters) throws IOException;

    /** Puts back what was saved last. */
    TrainingState.Counters restore() throws IOException;

    /** Measures the model so far and keeps it if it is the best; NaN where there is no measure. */
    double validate(TrainingState.Counters counters) throws IOException;

    /** Draws something for a person to look at. */
    void preview(long samples) throws IOException;
  }

  /**
   * @param log hears of every report
   * @param progress likewise
   * @param stop asked after each step, on the loop's thread: true means save and return
   */
  TrainingLoop(
      StageTrainer trainer,
      Stage stage,
      BatchSource source,
      TrainingConfig config,
      Keeper keeper,
      RunLog log,
      Consumer<TrainingProgress> progress,
      BooleanSupplier stop) {
    this.trainer = trainer;
    this.stage = stage;
    this.source = source;
    this.config = config;
    this.keeper = keeper;
    this.log = log;
    this.progress = progress;
    this.stop = stop;
    this.guard = new DivergenceGuard(config.run().explosionFactor());
  }

  /**
   * Trains until the run's length is reached or the loop is asked to stop; either way the state
   * that is left is the last step's.
   *
   * @param before seconds spent in earlier parts of the run
   * @return the samples seen
   * @throws TrainingDivergedException if the run has gone back too often; the state that is left is
   *     the last good one
   */
  long run(double before) throws IOException {
    secondsBefore = before;
    long lastReport = System.nanoTime();
    long lastState = lastReport;
    long lastPreview = lastReport;
    long lastValidation = lastReport;
    Duration untilValidation = config.run().validateEvery();
    boolean saved = false;
    // Asked once for each step: a request that comes later is the next step's.
    boolean stopped = stop.getAsBoolean();
    while (trainer.samples() < config.run().maxSamples() && !stopped) {
      step();
      stopped = stop.getAsBoolean();
      boolean ends = trainer.samples() >= config.run().maxSamples();
      boolean last = stopped || ends;
      long now = System.nanoTime();
      boolean saves =
          last || (passed(lastState, now, config.run().stateEvery()) && !guard.isSuspect());
      String wrong =
          trainer.leftOut()
              ? guard.checkScale(trainer.lossScale())
              : guard.check(trainer.lastLoss(), trainer.lastNorm());
      if (wrong == null && saves && !keeper.isSound()) {
        wrong = "a weight is not finite";
      }
      if (wrong != null) {
        goBack(wrong);
        saved = true;
        lastReport = System.nanoTime();
        continue;
      }
      window.add(trainer);
      double validation = Double.NaN;
      if (!stopped && (ends || passed(lastValidation, now, untilValidation))) {
        validation = keeper.validate(counters());
        lastValidation = System.nanoTime();
        untilValidation = longer(config.run().validateEvery(), lastValidation - now);
      }
      if (last || lastValidation > now || passed(lastReport, now, REPORT_EVERY)) {
        report(now - lastReport, validation);
        lastReport = now;
      }
      if (saves) {
        keeper.save(counters());
        lastState = System.nanoTime();
      }
      saved = saves;
      if (!last && passed(lastPreview, now, config.run().previewEvery())) {
        keeper.preview(trainer.samples());
        lastPreview = System.nanoTime();
      }
      // What was not training counts for no rate.
      lastReport += System.nanoTime() - now;
    }
    trainer.observed().endEpoch(trainer);
    if (!saved) {
      // No step was left to do; a run killed after its last state may lack the snapshot of it.
      keeper.save(trainer.position().counters(secondsBefore));
    }
    if (!stopped) {
      keeper.preview(trainer.samples());
    }
    return trainer.samples();
  }

  /** One step, of which nothing is told. */
  void step() {
    try (NDManager manager = trainer.getManager().newSubManager()) {
      TrainingBatch batch = source.batch(manager, trainer.position().batch());
      double done = trainer.samples() / (double) config.run().maxSamples();
      trainer.observed().begin(batch);
      if (stage.advance(done)) {
        guard.startAnew();
      }
      List<Replica> replicas = trainer.replicas();
      replicas.forEach(replica -> replica.follow(done));
      int size = batch.size();
      List<Worker> workers = new ArrayList<>(List.of(trainer.worker(stage)));
      replicas.forEach(replica -> workers.add(replica.worker()));
      int count = Math.min(size, config.compute().accumulation() * workers.size());
      List<TrainingBatch> parts = batch.split(manager, count);
      for (int i = 0; i < count; i++) {
        int turn = i % workers.size();
        accumulate(workers.get(turn), turn > 0, parts.get(i), done, size);
      }
      trainer.update();
    }
  }

  private void accumulate(
      Worker worker, boolean moves, TrainingBatch part, double done, int batchSize) {
    try (NDManager scope = worker.manager().newSubManager()) {
      StepInputs inputs;
      TrainingBatch there;
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        there = moves ? part.on(scope) : part;
        inputs = worker.stage().prepare(scope, there, done);
      }
      trainer.accumulate(worker, inputs, part.size() / (double) batchSize);
      trainer.observed().labelled(worker.manager(), there);
    }
  }

  /** Back to the last state with half the rate, or the end if that has not helped before. */
  private void goBack(String wrong) throws IOException {
    String where = wrong + " after " + trainer.samples() + " samples";
    Position position = trainer.position();
    TrainingState.Counters good = keeper.restore();
    if (!guard.isOn() || position.returns() >= MAX_RETURNS) {
      throw new TrainingDivergedException(
          String.format(
              "%s, %d times before: the run is stopped, its state of %d samples is kept; a new run"
                  + " wants a lower learningRate or other data",
              where, position.returns(), good.samples()));
    }
    position.returnTo(good);
    guard.goneBack();
    window = new Window();
    keeper.save(counters());
    log.backTo(position.samples());
    LOG.warn(
        "{}: back to the state of {} samples, from here on with {} of the learning rate (return {}"
            + " of {})",
        where,
        position.samples(),
        position.rateShare(),
        position.returns(),
        MAX_RETURNS);
  }

  private void report(long nanos, double validation) throws IOException {
    TrainingProgress now =
        new TrainingProgress(
            trainer.samples(),
            config.run().maxSamples(),
            window.loss / window.steps,
            window.bins.means(),
            window.norm / window.steps,
            trainer.rate(),
            window.samples * 1e9 / nanos,
            seconds(),
            validation,
            trainer.scales() ? trainer.lossScale() : Double.NaN,
            window.leftOut);
    window = new Window();
    log.report(now);
    progress.accept(now);
  }

  private TrainingState.Counters counters() {
    return trainer.position().counters(seconds());
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - start) / 1e9;
  }

  private static boolean passed(long since, long now, Duration interval) {
    return now - since >= interval.toNanos();
  }

  private static Duration longer(Duration interval, long validationNanos) {
    Duration least = Duration.ofNanos(validationNanos).multipliedBy(TRAINING_PER_VALIDATION);
    return interval.compareTo(least) > 0 ? interval : least;
  }

  /** Sums since the last report. */
  private static final class Window {
    private final SigmaBins bins = new SigmaBins();
    private double loss;
    private double norm;
    private long steps;
    private long leftOut;
    private long samples;

    void add(StageTrainer trainer) {
      samples += trainer.lastBatch();
      if (trainer.leftOut()) {
        leftOut++;
        return;
      }
      loss += trainer.lastLoss();
      norm += trainer.lastNorm();
      steps++;
      trainer.addTo(bins);
    }
  }
}
