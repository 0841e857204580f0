package ai.fresnel.cvs;

import ai.fresnel.cvs.view.ViewSampler;
import java.util.OptionalDouble;

/**
 * How the views of a request are drawn from noise. Immutable.
 *
 * @param steps network passes per view; 0 for the model's own number
 * @param seed seed of the noise, the same for every target, so that a view does not depend on the
 *     other targets
 * @param samples images per target, at least 1; sample k has the seed {@code seed + k}
 * @param guidance weight of classifier-free guidance, 0 for none; empty for the model's own.
 *     diffusers' scale is 1 more
 * @param temperature factor of a consistency model's first noise, 0 to 1; empty for the model's
 *     own. At 0 one pass draws the same view for every seed
 */
public record Sampling(
    int steps, long seed, int samples, OptionalDouble guidance, OptionalDouble temperature) {

  /** The default seed. */
  public static final long DEFAULT_SEED = 0;

  /**
   * Checks the settings.
   *
   * @param steps as above
   * @param seed as above
   * @param samples as above
   * @param guidance as above
   * @param temperature as above
   * @throws IllegalArgumentException if a value is out of range
   */
  public Sampling {
    if (steps < 0) {
      throw new IllegalArgumentException("steps is " + steps + ", expected 0 or more");
    }
    if (samples < 1) {
      throw new IllegalArgumentException("samples is " + samples + ", expected at least 1");
    }
    if (guidance.isPresent() && !Double.isFinite(guidance.getAsDouble())) {
      throw new IllegalArgumentException(
          "guidance is " + guidance.getAsDouble() + ", expected a number");
    }
    if (temperature.isPresent()
        && !(temperature.getAsDouble() >= 0 && temperature.getAsDouble() <= 1)) {
      throw new IllegalArgumentException(
          "temperature is " + temperature.getAsDouble() + ", expected 0 to 1");
    }
  }

  /**
   * Returns the defaults: the model's own number of passes, guidance and temperature, the default
   * seed, one sample.
   *
   * @return the settings
   */
  public static Sampling defaults() {
    return new Sampling(0, DEFAULT_SEED, 1, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** Returns a sampler with these settings that all images of a request share. */
  ViewSampler of(ViewSampler sampler) {
    ViewSampler guided =
        guidance.isPresent() ? sampler.withGuidance(guidance.getAsDouble()) : sampler;
    return temperature.isPresent() ? guided.withTemperature(temperature.getAsDouble()) : guided;
  }
}
