package ai.fresnel.cvs.train.run;

import ai.fresnel.cvs.train.monitor.Curves;
import ai.fresnel.cvs.train.monitor.EventFile;
import ai.fresnel.cvs.train.monitor.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that a run tells: metrics, TensorBoard's events and the curves drawn from the metrics. */
final class RunLog {

  /** Where TensorBoard looks. */
  static final String EVENTS = "tensorboard";

  /** The image of the curves. */
  static final String CURVES = "curves.png";

  private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);

  private final Path run;
  private final MetricsFile metrics;
  private long start;
  private EventFile events;
  private boolean draws = true;

  /**
   * Goes on where a state is: drops what was told of samples after it.
   *
   * @param run the run's folder
   * @param samples samples seen at the state, 0 for a new run
   */
  RunLog(Path run, long samples) throws IOException {
    this.run = run;
    metrics = new MetricsFile(run);
    metrics.truncateAfter(samples);
    start = samples + 1;
  }

  /** Tells a report. */
  void report(TrainingProgress now) throws IOException {
    metrics.append(now.toJson());
    events().scalars(now.samples(), now.scalars());
  }

  /** Tells of an image that was drawn, and draws the curves so far. */
  void preview(long samples, Path png) throws IOException {
    events().image(samples, "preview", Files.readAllBytes(png));
    Path told = run.resolve(MetricsFile.NAME);
    if (!draws || !Files.exists(told) || Files.size(told) == 0) {
      return;
    }
    try {
      Curves.of(List.of(run)).write(run.resolve(CURVES));
    } catch (IOException e) {
      // A run of hours is not ended by a missing font.
      LOG.warn("no curves are drawn: {}", e.getMessage());
      draws = false;
    }
  }

  /** The run went back to an earlier state: what was told of later samples is dropped. */
  void backTo(long samples) throws IOException {
    metrics.truncateAfter(samples);
    start = samples + 1;
    if (events != null) {
      events.restart(start);
    }
  }

  // Made when there is something to tell: a run with nothing left to do leaves no empty file.
  private EventFile events() throws IOException {
    if (events == null) {
      events = EventFile.create(run.resolve(EVENTS), start);
    }
    return events;
  }
}
