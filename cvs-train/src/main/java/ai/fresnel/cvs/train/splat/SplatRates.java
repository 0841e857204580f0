package ai.fresnel.cvs.train.splat;

import java.util.Locale;

/**
 * How fast Adam moves the parameters of Gaussians, a step.
 *
 * @param means in units of the object's length, at the first step
 * @param meansEnd the share of it at the last step; in between it falls exponentially
 * @param scales of the logarithms
 * @param opacities of the logits
 * @param rotations of the quaternions
 * @param sh0 of the constant harmonic
 * @param shRest of the other harmonics
 */
public record SplatRates(
    double means,
    double meansEnd,
    double scales,
    double opacities,
    double rotations,
    double sh0,
    double shRest) {

  /**
   * Checks the rates.
   *
   * @param means 0 to 1
   * @param meansEnd above 0, up to 1
   * @param scales 0 to 1
   * @param opacities 0 to 1
   * @param rotations 0 to 1
   * @param sh0 0 to 1
   * @param shRest 0 to 1
   * @throws IllegalArgumentException if one is out of its range
   */
  public SplatRates {
    require("means", means, 0, 1);
    require("meansEnd", meansEnd, Double.MIN_VALUE, 1);
    require("scales", scales, 0, 1);
    require("opacities", opacities, 0, 1);
    require("rotations", rotations, 0, 1);
    require("sh0", sh0, 0, 1);
    require("shRest", shRest, 0, 1);
  }

  /**
   * The published rates (Kerbl et al. 2023, appendix), but for the means: their rate belongs to
   * 30,000 steps, this one to about a thousand.
   *
   * @return the rates
   */
  public static SplatRates published() {
    return new SplatRates(1e-3, 0.01, 5e-3, 5e-2, 1e-3, 2.5e-3, 2.5e-3 / 20);
  }

  /** Returns the rate of the means at a step of a run. */
  double meansAt(int step, int steps) {
    return means * Math.pow(meansEnd, (double) step / steps);
  }

  /** Returns all rates multiplied by a factor of at most 1. */
  SplatRates times(double factor) {
    return new SplatRates(
        factor * means,
        meansEnd,
        factor * scales,
        factor * opacities,
        factor * rotations,
        factor * sh0,
        factor * shRest);
  }

  /** Refuses a setting out of its range; NaN is in none. */
  static void require(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s is %s, expected %s to %s", name, value, least, most));
    }
  }
}
