package ai.fresnel.cvs;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A request to draw an object from any number of cameras, given a photograph of it, or several with
 * known cameras. Start from {@link #of}, which sets the defaults, and change it by {@link #and} and
 * the {@code with} methods. Immutable.
 *
 * @param photographs the photographs with their cameras, 1 to {@value #MOST_PHOTOGRAPHS}
 * @param targets the cameras to draw from, at least 1
 * @param sampling how views are drawn: passes, seed, samples, guidance, temperature
 * @param framing how the photographs are cropped
 * @param batchSize images per batch; 0 to choose by the image's size. It changes nothing but
 *     rounding: values may differ by 1 of 255
 */
public record ViewRequest(
    List<PosedPhotograph> photographs,
    List<CameraPose> targets,
    Sampling sampling,
    Framing framing,
    int batchSize) {

  /** The default seed. */
  public static final long DEFAULT_SEED = Sampling.DEFAULT_SEED;

  /** The most photographs of one object. */
  public static final int MOST_PHOTOGRAPHS = 16;

  /** The least camera radius of training, in object lengths. */
  private static final double NEAREST = 1.5;

  /** The largest camera radius of training, in object lengths. */
  private static final double FARTHEST = 2.2;

  /**
   * Checks and copies the settings.
   *
   * @param photographs as above
   * @param targets as above
   * @param sampling as above
   * @param framing as above
   * @param batchSize as above
   * @throws NullPointerException if a part is missing; the message names it
   * @throws IllegalArgumentException if a value is out of range or there is no photograph or no
   *     target
   */
  public ViewRequest {
    Objects.requireNonNull(photographs, "photographs is null");
    Objects.requireNonNull(framing, "framing is null");
    photographs = List.copyOf(photographs);
    if (photographs.isEmpty() || photographs.size() > MOST_PHOTOGRAPHS) {
      throw new IllegalArgumentException(
          "request has " + photographs.size() + " photographs, expected 1 to " + MOST_PHOTOGRAPHS);
    }
    targets = checked(targets);
    if (batchSize < 0) {
      throw new IllegalArgumentException("batchSize is " + batchSize + ", expected 0 or more");
    }
  }

  /** Copies target cameras, of which there must be at least one. */
  static List<CameraPose> checked(List<CameraPose> targets) {
    Objects.requireNonNull(targets, "targets is null");
    for (int i = 0; i < targets.size(); i++) {
      Objects.requireNonNull(targets.get(i), "target " + i + " is null");
    }
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("request has no target cameras, expected at least 1");
    }
    return List.copyOf(targets);
  }

  /**
   * Makes a request with the defaults: the model's own number of passes and temperature, the
   * default seed, one sample, no guidance, framed by the object.
   *
   * @param photograph the photograph
   * @param source the camera of the photograph
   * @param targets the cameras to draw from, at least 1
   * @return the request
   */
  public static ViewRequest of(Photograph photograph, CameraPose source, List<CameraPose> targets) {
    List<PosedPhotograph> one = List.of(new PosedPhotograph(photograph, source));
    return new ViewRequest(one, targets, Sampling.defaults(), Framing.OBJECT, 0);
  }

  /**
   * Returns the photograph, the first of several.
   *
   * @return the photograph
   */
  public Photograph photograph() {
    return photographs.get(0).photograph();
  }

  /**
   * Returns the camera of the photograph, of the first of several.
   *
   * @return the camera
   */
  public CameraPose source() {
    return photographs.get(0).camera();
  }

  /**
   * Adds a photograph of the same object. Views are drawn of what all photographs show together:
   * see {@link ObjectCode#fuse}.
   *
   * @param photograph the photograph
   * @param camera its camera, in the same world as the others
   * @return a copy with it
   * @throws IllegalArgumentException if there are too many
   */
  public ViewRequest and(Photograph photograph, CameraPose camera) {
    List<PosedPhotograph> more = new ArrayList<>(photographs);
    more.add(new PosedPhotograph(photograph, camera));
    return new ViewRequest(more, targets, sampling, framing, batchSize);
  }

  /**
   * Returns the number of network passes per view.
   *
   * @return 0 for the model's own number
   */
  public int steps() {
    return sampling.steps();
  }

  /**
   * Returns the seed of the noise.
   *
   * @return the seed of the first sample
   */
  public long seed() {
    return sampling.seed();
  }

  /**
   * Returns the number of images per target.
   *
   * @return at least 1
   */
  public int samples() {
    return sampling.samples();
  }

  /**
   * Returns the weight of classifier-free guidance.
   *
   * @return 0 for none; empty for the model's own
   */
  public OptionalDouble guidance() {
    return sampling.guidance();
  }

  /**
   * Returns the factor of a consistency model's first noise.
   *
   * @return 0 to 1; empty for the model's own
   */
  public OptionalDouble temperature() {
    return sampling.temperature();
  }

  /**
   * Returns what may spoil the views. Drawing logs it too, and goes on.
   *
   * @return one line each; a line if a camera is well outside the radii that models are trained
   *     with, 1.5 to 2.2 object lengths: from there a view shows little of the photograph's
   *     geometry
   */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    Set<Double> sources =
        photographs.stream().map(each -> each.camera().radius()).collect(Collectors.toSet());
    sources.stream()
        .filter(ViewRequest::isFarOff)
        .findFirst()
        .ifPresent(radius -> warnings.add("the photograph's camera" + outOfRange(radius)));
    targets.stream()
        .mapToDouble(CameraPose::radius)
        .filter(each -> !sources.contains(each) && isFarOff(each))
        .findFirst()
        .ifPresent(each -> warnings.add("a view's camera" + outOfRange(each)));
    return warnings;
  }

  /** Returns whether a radius is outside the trained ones by more than a tenth. */
  private static boolean isFarOff(double radius) {
    return radius < NEAREST / 1.1 || radius > FARTHEST * 1.1;
  }

  private static String outOfRange(double radius) {
    return String.format(
        Locale.ROOT,
        " is %.3g object lengths away; models are trained with %s to %s, views may show nothing of"
            + " the object",
        radius,
        NEAREST,
        FARTHEST);
  }

  /**
   * Sets the number of network passes per view.
   *
   * @param value 0 for the model's own number
   * @return a copy with it
   * @throws IllegalArgumentException if it is below 0
   */
  public ViewRequest withSteps(int value) {
    return with(new Sampling(value, seed(), samples(), guidance(), temperature()));
  }

  /**
   * Sets the seed of the noise.
   *
   * @param value any number
   * @return a copy with it
   */
  public ViewRequest withSeed(long value) {
    return with(new Sampling(steps(), value, samples(), guidance(), temperature()));
  }

  /**
   * Sets the number of images per target.
   *
   * @param value at least 1
   * @return a copy with it
   * @throws IllegalArgumentException if it is below 1
   */
  public ViewRequest withSamples(int value) {
    return with(new Sampling(steps(), seed(), value, guidance(), temperature()));
  }

  /**
   * Sets the weight of classifier-free guidance in place of the model's own, which is 0 for models
   * of this library. diffusers' guidance scale is 1 more.
   *
   * @param value 0 for none
   * @return a copy with it
   * @throws IllegalArgumentException if it is not finite
   */
  public ViewRequest withGuidance(double value) {
    OptionalDouble guidance = OptionalDouble.of(value);
    return with(new Sampling(steps(), seed(), samples(), guidance, temperature()));
  }

  /**
   * Sets the factor of a consistency model's first noise in place of the model's own. Towards 0
   * views are smoother and differ less from seed to seed; at 1 the model draws as trained.
   *
   * @param value 0 to 1
   * @return a copy with it
   * @throws IllegalArgumentException if it is out of range
   */
  public ViewRequest withTemperature(double value) {
    OptionalDouble temperature = OptionalDouble.of(value);
    return with(new Sampling(steps(), seed(), samples(), guidance(), temperature));
  }

  /**
   * Sets how the photographs are cropped.
   *
   * @param value the framing
   * @return a copy with it
   */
  public ViewRequest withFraming(Framing value) {
    return new ViewRequest(photographs, targets, sampling, value, batchSize);
  }

  /**
   * Sets the number of images per batch.
   *
   * @param value 0 to choose by the image's size
   * @return a copy with it
   * @throws IllegalArgumentException if it is below 0
   */
  public ViewRequest withBatchSize(int value) {
    return new ViewRequest(photographs, targets, sampling, framing, value);
  }

  /**
   * Frames the photograph, the first of several, as a model reads it.
   *
   * @param model the model, S its image size
   * @return (3, S, S) in [-1, 1]
   * @throws IllegalArgumentException if the photograph cannot be framed, see {@link Photograph}
   */
  public float[] framedPhotograph(ModelConfig model) {
    return photographs.get(0).framed(framing, model);
  }

  private ViewRequest with(Sampling value) {
    return new ViewRequest(photographs, targets, value, framing, batchSize);
  }
}
