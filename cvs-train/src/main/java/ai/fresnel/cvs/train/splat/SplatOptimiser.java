package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.splat.CameraGradient;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.SplatFrame;
import ai.fresnel.cvs.splat.SplatGradient;
import ai.fresnel.cvs.splat.SplatRenderer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes Gaussians look like views, one view a step: Kerbl et al. 2023 with the changes that {@link
 * SplatSettings} names.
 *
 * <pre>{@code
 * SplatOptimiser optimiser = new SplatOptimiser(settings, views, start);
 * while (!optimiser.isDone()) {
 *   optimiser.step();
 * }
 * GaussianCloud cloud = optimiser.cloud();
 * }</pre>
 *
 * <p>For one thread, which uses others. Equal settings, views and first Gaussians give equal
 * results bit for bit on one machine, whatever the number of threads.
 */
public final class SplatOptimiser {

  /** The shares of a run at which harmonics of one more degree begin. */
  private static final double DEGREE_EVERY = 0.15;

  private final SplatSettings settings;
  private final List<SplatView> views;
  private final SplatRenderer renderer;
  private final ViewLoss loss;
  private final Density density;
  private final boolean randomBackground;
  private final int threads;
  final SplatModel model;
  final LearnedViews learned;
  private int done;

  /** By which all rates are multiplied: below 1 after a run lost its way. */
  private double rateFactor = 1;

  /**
   * What a step found.
   *
   * @param loss of its view, before the update
   * @param gradientNorm the square root of the sum of all squared derivatives by the Gaussians
   * @param gaussians the number of Gaussians after it
   */
  public record Step(double loss, double gradientNorm, int gaussians) {}

  /**
   * Starts.
   *
   * @param settings the settings
   * @param views one or more; the first is that whose camera and colours stay
   * @param start the first Gaussians, which are copied; those of {@link InitialPoints}, or any
   * @param threads the most threads at a time, 1 or more
   * @throws IllegalArgumentException if there are no views or no Gaussians, more than the budget,
   *     or their degree is not that of the settings
   */
  public SplatOptimiser(
      SplatSettings settings, List<SplatView> views, GaussianArrays start, int threads) {
    this(
        settings,
        views,
        new SplatState(
            new SplatModel(checked(settings, start)),
            new LearnedViews(views, settings.views()),
            0,
            1,
            0),
        threads);
  }

  /** Goes on from a state, whose arrays become this optimiser's own. */
  SplatOptimiser(SplatSettings settings, List<SplatView> views, SplatState state, int threads) {
    this.settings = settings;
    this.views = List.copyOf(views);
    this.threads = threads;
    if (views.isEmpty()) {
      throw new IllegalArgumentException("no views, expected 1 or more");
    }
    model = state.model();
    learned = state.learned();
    done = state.steps();
    rateFactor = state.rateFactor();
    renderer = SplatRenderer.onBlack().withThreads(threads);
    loss = new ViewLoss(settings.losses(), threads);
    density = Density.of(settings);
    randomBackground = this.views.stream().anyMatch(SplatView::hasBackground);
  }

  private static GaussianArrays checked(SplatSettings settings, GaussianArrays start) {
    if (start.size() < 1 || start.size() > settings.gaussians()) {
      throw new IllegalArgumentException(
          start.size() + " first Gaussians, expected 1 to " + settings.gaussians());
    }
    if (start.shDegree() != settings.shDegree()) {
      throw new IllegalArgumentException(
          "first Gaussians have harmonics of degree "
              + start.shDegree()
              + ", expected "
              + settings.shDegree());
    }
    return start.copy();
  }

  /** Returns all that is needed to go on; shares this optimiser's arrays. */
  SplatState state(double seconds) {
    return new SplatState(model, learned, done, rateFactor, seconds);
  }

  /** Sets by what all rates are multiplied from here on. */
  void setRateFactor(double factor) {
    rateFactor = factor;
  }

  /**
   * Returns the number of steps that are done.
   *
   * @return 0 or more
   */
  public int done() {
    return done;
  }

  /**
   * Returns whether all steps are done.
   *
   * @return whether there is none left
   */
  public boolean isDone() {
    return done >= settings.steps();
  }

  /**
   * Takes one step.
   *
   * @return what it found
   * @throws IllegalStateException if all steps are done
   */
  public Step step() {
    if (isDone()) {
      throw new IllegalStateException("all " + settings.steps() + " steps are done");
    }
    int index = viewAt(done);
    SplatView view = views.get(index);
    CameraPose pose = learned.pose(index);
    SplatFrame frame =
        renderer.withMaxShDegree(degree()).trace(model.parameters, pose, view.view().intrinsics());
    ViewLoss.Result found = loss.of(frame.image(), view, learned.colour(index), background());
    SplatGradient gradient = frame.gradient(found.pixels());
    double regularisation = regularise(gradient.gaussians());
    double norm = norm(gradient.gaussians());
    Step result = new Step(found.value() + regularisation, norm, model.size());
    if (!Double.isFinite(result.loss()) || !Double.isFinite(norm)) {
      // Nothing is learned of it; the caller decides.
      done++;
      return result;
    }
    density.observe(model, frame, gradient);
    SplatRates rates = settings.rates().times(rateFactor);
    double meansRate = rates.meansAt(done, settings.steps());
    new Adam(done + 1).update(model, gradient.gaussians(), rates, meansRate, threads);
    CameraGradient camera = gradient.camera();
    learned.update(index, camera.byMotion(pose), found.colour());
    done++;
    density.afterStep(model, done, meansRate);
    if (settings.density().isDue(done, settings.steps())) {
      density.round(model, done);
    }
    return new Step(result.loss(), norm, model.size());
  }

  /** Each view once in a random order, again and again. */
  private int viewAt(int step) {
    int epoch = step / views.size();
    int[] order = new int[views.size()];
    SplittableRandom random = SplatRandom.ORDER.at(settings.seed(), epoch);
    for (int i = 0; i < order.length; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order[step % order.length];
  }

  private float[] background() {
    float[] background = new float[3];
    if (randomBackground) {
      SplittableRandom random = SplatRandom.BACKGROUND.at(settings.seed(), done);
      for (int c = 0; c < 3; c++) {
        background[c] = (float) random.nextDouble();
      }
    }
    return background;
  }

  /** Low degrees first, so that the colour is not explained by the direction. */
  private int degree() {
    return (int) Math.min(settings.shDegree(), done / (DEGREE_EVERY * settings.steps()));
  }

  /** Adds the derivatives of the mean opacity and the mean scale. */
  private double regularise(GaussianArrays gradient) {
    double opacityWeight = settings.losses().opacity() / model.size();
    double scaleWeight = settings.losses().scale() / (3.0 * model.size());
    double sum = 0;
    if (opacityWeight > 0) {
      for (int i = 0; i < model.size(); i++) {
        double opacity = model.opacity(i);
        sum += opacityWeight * opacity;
        gradient.opacityLogits()[i] += (float) (opacityWeight * opacity * (1 - opacity));
      }
    }
    if (scaleWeight > 0) {
      float[] logs = model.parameters.logScales();
      for (int i = 0; i < logs.length; i++) {
        double scale = Math.exp(logs[i]);
        sum += scaleWeight * scale;
        gradient.logScales()[i] += (float) (scaleWeight * scale);
      }
    }
    return sum;
  }

  private static double norm(GaussianArrays gradient) {
    double sum = 0;
    for (float[] group : gradient.groups()) {
      for (float value : group) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /**
   * Returns the Gaussians as they are, without those that are as good as transparent.
   *
   * @return a copy
   */
  public GaussianCloud cloud() {
    SplatModel pruned = new SplatModel(model.parameters);
    Density.prune(pruned);
    return GaussianCloud.of(pruned.parameters);
  }

  /**
   * Returns the cameras of the views, as learned.
   *
   * @return one pose a view, in order
   */
  public List<CameraPose> poses() {
    List<CameraPose> poses = new ArrayList<>();
    for (int i = 0; i < views.size(); i++) {
      poses.add(learned.pose(i));
    }
    return poses;
  }
}
