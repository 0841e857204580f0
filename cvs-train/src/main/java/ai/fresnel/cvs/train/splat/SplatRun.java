package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.checkpoint.FolderLock;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.file.SplatFiles;
import ai.fresnel.cvs.train.monitor.ContactSheet;
import ai.fresnel.cvs.train.monitor.MetricsFile;
import ai.fresnel.cvs.train.run.DivergenceGuard;
import ai.fresnel.cvs.train.run.TrainingDivergedException;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * An optimisation in a folder: {@code recipe.json}, the state, {@code metrics.jsonl}, previews, and
 * at the end {@code splat.ply}. The same call goes on where an earlier one was stopped, to the same
 * Gaussians bit for bit. A run that loses its way goes back to its last state, at half the rates, a
 * few times.
 */
public final class SplatRun {

  /** The file of the Gaussians. */
  public static final String RESULT = "splat.ply";

  private static final String PREVIEWS = "previews";

  /** Steps from one line of metrics to the next. */
  private static final int METRICS_EVERY = 50;

  /** A mean loss of so many times what is usual is an explosion. */
  private static final double EXPLOSION = 10;

  private static final int MOST_RETURNS = 3;

  private final Path folder;
  private final String name;
  private final SplatData data;
  private final SplatSettings settings;
  private final int threads;
  private final Duration stateEvery;

  private SplatOptimiser optimiser;
  private double earlierSeconds;
  private long start;

  /** Hears of a run. */
  public interface Listener {

    /**
     * The run begins or goes on.
     *
     * @param steps steps that are done already
     */
    default void began(int steps) {}

    /**
     * A step is done.
     *
     * @param steps steps done
     * @param step what it found
     */
    void stepped(int steps, SplatOptimiser.Step step);

    /**
     * Something is worth a line.
     *
     * @param line for people
     */
    void noted(String line);
  }

  /**
   * The end of a run.
   *
   * @param cloud the Gaussians
   * @param score of the views that were held out; NaN if there are none
   * @param seconds time spent on steps, over all resumptions
   */
  public record Result(GaussianCloud cloud, SplatScore score, double seconds) {}

  /**
   * Prepares a run; nothing is read or written yet.
   *
   * @param folder the run's folder; made if missing
   * @param name of the views, which a run that goes on must share
   * @param data the views
   * @param settings the settings
   * @param threads the most threads at a time, 1 or more
   * @param stateEvery the time from one state and preview to the next
   */
  public SplatRun(
      Path folder,
      String name,
      SplatData data,
      SplatSettings settings,
      int threads,
      Duration stateEvery) {
    this.folder = folder;
    this.name = name;
    this.data = data;
    this.settings = settings;
    this.threads = threads;
    this.stateEvery = stateEvery;
  }

  /**
   * Begins or goes on, to the end.
   *
   * @param listener hears of it
   * @return the result
   * @throws IOException naming the file if one cannot be read or written
   * @throws IllegalArgumentException if the folder holds a run with other settings or views
   * @throws TrainingDivergedException if it lost its way too often
   */
  public Result run(Listener listener) throws IOException {
    Files.createDirectories(folder);
    try (FolderLock lock = FolderLock.of(folder)) {
      open(listener);
      optimise(listener);
      GaussianCloud cloud = optimiser.cloud();
      SplatFiles.write(folder.resolve(RESULT), cloud);
      SplatScore score = score(cloud);
      return new Result(cloud, score, seconds());
    }
  }

  private void open(Listener listener) throws IOException {
    SplatRecipe recipe = new SplatRecipe(name, data.training().size(), settings);
    if (Files.exists(folder.resolve(SplatRecipe.NAME))) {
      SplatRecipe.read(folder).requireSame(folder, recipe);
    } else {
      recipe.write(folder);
    }
    start = System.nanoTime();
    if (SplatState.exists(folder)) {
      restore();
      listener.noted(folder + ": goes on at step " + optimiser.done());
    } else {
      optimiser =
          new SplatOptimiser(settings, data.training(), data.start().gaussians(settings), threads);
    }
    listener.began(optimiser.done());
    new MetricsFile(folder).truncateAfter(optimiser.done());
  }

  private void restore() throws IOException {
    SplatState state = SplatState.read(folder, settings, data.training());
    optimiser = new SplatOptimiser(settings, data.training(), state, threads);
    earlierSeconds = state.seconds();
    start = System.nanoTime();
  }

  private void optimise(Listener listener) throws IOException {
    MetricsFile metrics = new MetricsFile(folder);
    DivergenceGuard guard = new DivergenceGuard(EXPLOSION);
    long lastState = System.nanoTime();
    int returns = 0;
    while (!optimiser.isDone()) {
      SplatOptimiser.Step step = optimiser.step();
      String wrong = guard.check(step.loss(), step.gradientNorm());
      if (wrong != null) {
        String where = "step " + optimiser.done() + ": " + wrong;
        if (++returns > MOST_RETURNS) {
          throw new TrainingDivergedException(folder + ": " + where);
        }
        goBack(Math.pow(0.5, returns));
        guard.goneBack();
        metrics.truncateAfter(optimiser.done());
        listener.noted(where + "; back at step " + optimiser.done() + ", at lower rates");
        continue;
      }
      listener.stepped(optimiser.done(), step);
      if (optimiser.done() % METRICS_EVERY == 0 || optimiser.isDone()) {
        metrics.append(line(step));
      }
      if (optimiser.isDone() || System.nanoTime() - lastState > stateEvery.toNanos()) {
        state().write(folder);
        preview();
        lastState = System.nanoTime();
      }
    }
  }

  private void goBack(double rateFactor) throws IOException {
    if (SplatState.exists(folder)) {
      restore();
    } else {
      optimiser =
          new SplatOptimiser(settings, data.training(), data.start().gaussians(settings), threads);
    }
    optimiser.setRateFactor(rateFactor);
  }

  private SplatState state() {
    return optimiser.state(seconds());
  }

  private double seconds() {
    return earlierSeconds + (System.nanoTime() - start) / 1e9;
  }

  private String line(SplatOptimiser.Step step) {
    JsonObject json = new JsonObject();
    json.addProperty("samples", optimiser.done());
    json.addProperty("loss", step.loss());
    json.addProperty("gradient_norm", step.gradientNorm());
    json.addProperty("gaussians", step.gaussians());
    json.addProperty("seconds", seconds());
    return json.toString();
  }

  private SplatScore score(GaussianCloud cloud) {
    return SplatScore.mean(
        data.heldOut().stream().map(view -> SplatScore.of(cloud, view)).toList());
  }

  /** Draws up to four held-out views, or training views where none are held out. */
  private void preview() throws IOException {
    List<SplatView> views = data.heldOut().isEmpty() ? data.training() : data.heldOut();
    GaussianCloud cloud = optimiser.cloud();
    ContactSheet sheet = ContactSheet.of(2);
    int shown = 0;
    for (SplatView view : views) {
      Intrinsics lens = view.view().intrinsics();
      if (lens.width() == lens.height() && shown++ < 4) {
        sheet.add(view.view().onWhite(), "truth").add(SplatScore.onWhite(cloud, view), "splat");
      }
    }
    if (shown > 0) {
      String name = String.format(Locale.ROOT, "%07d.png", optimiser.done());
      sheet.write(folder.resolve(PREVIEWS).resolve(name));
    }
  }
}
