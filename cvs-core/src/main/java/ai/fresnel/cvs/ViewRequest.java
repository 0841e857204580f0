package ai.fresnel.cvs;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A request to draw one photograph from any number of cameras. Start from {@link #of}, which sets
 * the defaults, and change it by the {@code with} methods. Immutable.
 *
 * @param photograph the photograph
 * @param source the camera of the photograph
 * @param targets the cameras to draw from, at least 1
 * @param steps network passes per view; 0 for the model's own number
 * @param seed seed of the noise, the same for every target, so that a view does not depend on the
 *     other targets
 * @param samples images per target, at least 1; sample k has the seed {@code seed + k}
 * @param guidance weight of classifier-free guidance, 0 for none
 * @param framing how the photograph is cropped
 * @param batchSize images per batch; 0 to choose by the image's size. It changes nothing but
 *     rounding: values may differ by 1 of 255
 */
public record ViewRequest(
    Photograph photograph,
    CameraPose source,
    List<CameraPose> targets,
    int steps,
    long seed,
    int samples,
    double guidance,
    Framing framing,
    int batchSize) {

  /** The default seed. */
  public static final long DEFAULT_SEED = 0;

  /** The least camera radius of training, in object lengths. */
  private static final double NEAREST = 1.5;

  /** The largest camera radius of training, in object lengths. */
  private static final double FARTHEST = 2.2;

  /**
   * Checks and copies the settings.
   *
   * @param photograph as above
   * @param source as above
   * @param targets as above
   * @param steps as above
   * @param seed as above
   * @param samples as above
   * @param guidance as above
   * @param framing as above
   * @param batchSize as above
   * @throws IllegalArgumentException if a value is out of range or there is no target
   */
  public ViewRequest {
    targets = List.copyOf(targets);
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("request has no target cameras, expected at least 1");
    }
    if (steps < 0) {
      throw new IllegalArgumentException("steps is " + steps + ", expected 0 or more");
    }
    if (samples < 1) {
      throw new IllegalArgumentException("samples is " + samples + ", expected at least 1");
    }
    if (batchSize < 0) {
      throw new IllegalArgumentException("batchSize is " + batchSize + ", expected 0 or more");
    }
    if (!Double.isFinite(guidance)) {
      throw new IllegalArgumentException("guidance is " + guidance + ", expected a number");
    }
  }

  /**
   * Makes a request with the defaults: the model's own number of passes, the default seed, one
   * sample, no guidance, framed by the object.
   *
   * @param photograph the photograph
   * @param source the camera of the photograph
   * @param targets the cameras to draw from, at least 1
   * @return the request
   */
  public static ViewRequest of(Photograph photograph, CameraPose source, List<CameraPose> targets) {
    return new ViewRequest(photograph, source, targets, 0, DEFAULT_SEED, 1, 0, Framing.OBJECT, 0);
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
    double radius = source.radius();
    if (isFarOff(radius)) {
      warnings.add("the photograph's camera" + outOfRange(radius));
    }
    targets.stream()
        .mapToDouble(CameraPose::radius)
        .filter(each -> each != radius && isFarOff(each))
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
   */
  public ViewRequest withSteps(int value) {
    return new ViewRequest(
        photograph, source, targets, value, seed, samples, guidance, framing, batchSize);
  }

  /**
   * Sets the seed of the noise.
   *
   * @param value any number
   * @return a copy with it
   */
  public ViewRequest withSeed(long value) {
    return new ViewRequest(
        photograph, source, targets, steps, value, samples, guidance, framing, batchSize);
  }

  /**
   * Sets the number of images per target.
   *
   * @param value at least 1
   * @return a copy with it
   */
  public ViewRequest withSamples(int value) {
    return new ViewRequest(
        photograph, source, targets, steps, seed, value, guidance, framing, batchSize);
  }

  /**
   * Sets the weight of classifier-free guidance.
   *
   * @param value 0 for none
   * @return a copy with it
   */
  public ViewRequest withGuidance(double value) {
    return new ViewRequest(
        photograph, source, targets, steps, seed, samples, value, framing, batchSize);
  }

  /**
   * Sets how the photograph is cropped.
   *
   * @param value the framing
   * @return a copy with it
   */
  public ViewRequest withFraming(Framing value) {
    return new ViewRequest(
        photograph, source, targets, steps, seed, samples, guidance, value, batchSize);
  }

  /**
   * Sets the number of images per batch.
   *
   * @param value 0 to choose by the image's size
   * @return a copy with it
   */
  public ViewRequest withBatchSize(int value) {
    return new ViewRequest(
        photograph, source, targets, steps, seed, samples, guidance, framing, value);
  }
}
