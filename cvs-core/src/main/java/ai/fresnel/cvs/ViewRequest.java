package ai.fresnel.cvs;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.List;

/**
 * What to draw: one photograph from any number of cameras. {@link #of} has the defaults, the {@code
 * with} methods change one at a time. Immutable.
 *
 * @param photograph the photograph
 * @param source where it was taken from
 * @param targets the cameras to draw from, at least 1
 * @param steps network passes a view; 0 for what suits the model
 * @param seed of the noise, the same for every target, so that a view is the same alone or among
 *     others
 * @param samples images a target, at least 1; sample k has the seed {@code seed + k}
 * @param guidance weight of classifier-free guidance, 0 for none
 * @param framing how the photograph is cut
 * @param batchSize images that go through the network at once; 0 for what suits the image's size.
 *     An image does not depend on it
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

  /** The seed where none is given. */
  public static final long DEFAULT_SEED = 0;

  /**
   * Checks and copies.
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
   * @throws IllegalArgumentException if a number is out of its range or there is no target
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
   * @param source where it was taken from
   * @param targets the cameras to draw from, at least 1
   * @return the request
   */
  public static ViewRequest of(Photograph photograph, CameraPose source, List<CameraPose> targets) {
    return new ViewRequest(photograph, source, targets, 0, DEFAULT_SEED, 1, 0, Framing.OBJECT, 0);
  }

  /**
   * Sets the network passes a view.
   *
   * @param value 0 for what suits the model
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
   * Sets how many images are drawn of each target.
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
   * Sets how the photograph is cut.
   *
   * @param value the framing
   * @return a copy with it
   */
  public ViewRequest withFraming(Framing value) {
    return new ViewRequest(
        photograph, source, targets, steps, seed, samples, guidance, value, batchSize);
  }

  /**
   * Sets how many images go through the network at once.
   *
   * @param value 0 for what suits the image's size
   * @return a copy with it
   */
  public ViewRequest withBatchSize(int value) {
    return new ViewRequest(
        photograph, source, targets, steps, seed, samples, guidance, framing, value);
  }
}
