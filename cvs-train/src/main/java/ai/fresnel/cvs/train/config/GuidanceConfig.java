package ai.fresnel.cvs.train.config;

/**
 * The weights of guidance that a student learns.
 *
 * @param minGuidance the least, 0 to 100
 * @param maxGuidance the greatest, at least the least, at most 100; above 0 the teacher is guided.
 *     The student takes the weight as an input, unless both are the same: then it is guided by that
 *     one always
 */
public record GuidanceConfig(double minGuidance, double maxGuidance) {

  /**
   * Checks the settings.
   *
   * @param minGuidance as above
   * @param maxGuidance as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public GuidanceConfig {
    Checks.require("minGuidance", minGuidance, minGuidance >= 0 && minGuidance <= 100, "0 to 100");
    Checks.require(
        "maxGuidance",
        maxGuidance,
        maxGuidance >= minGuidance && maxGuidance <= 100,
        "minGuidance, which is " + minGuidance + ", to 100");
  }

  /**
   * Tells whether the student takes the weight of its guidance as an input.
   *
   * @return true if there is more than one weight to take
   */
  public boolean isLearned() {
    return maxGuidance > minGuidance;
  }

  /**
   * Returns a weight between the least and the greatest.
   *
   * @param share 0 (the least) to 1 (the greatest)
   * @return the weight
   */
  public double weight(double share) {
    return minGuidance + share * (maxGuidance - minGuidance);
  }

  /**
   * The weight a student without that input is guided by.
   *
   * @return the one weight there is; 0 where the student takes it as an input
   */
  public double fixed() {
    return isLearned() ? 0 : maxGuidance;
  }
}
