package ai.fresnel.cvs.train.config;

/**
 * How far apart the two cameras of a pair may be.
 *
 * @param firstMaxAngle largest angle between the first sample's cameras, degrees, above 0
 * @param maxAngle largest angle after the first {@code curriculumSamples}, degrees, at least the
 *     first's; 180 = any
 * @param curriculumSamples samples over which the largest angle grows, 0 or more
 */
public record AnglesConfig(double firstMaxAngle, double maxAngle, long curriculumSamples) {

  /**
   * Checks the settings.
   *
   * @param firstMaxAngle as above
   * @param maxAngle as above
   * @param curriculumSamples as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public AnglesConfig {
    Checks.require(
        "firstMaxAngle",
        firstMaxAngle,
        firstMaxAngle > 0 && firstMaxAngle <= 180,
        "above 0 to 180");
    Checks.require(
        "maxAngle",
        maxAngle,
        maxAngle >= firstMaxAngle && maxAngle <= 180,
        "firstMaxAngle, which is " + firstMaxAngle + ", to 180");
    Checks.require("curriculumSamples", curriculumSamples, curriculumSamples >= 0, "0 or more");
  }

  /**
   * Returns these settings with another {@code firstMaxAngle}.
   *
   * @param value the setting
   * @return the settings
   */
  public AnglesConfig withFirstMaxAngle(double value) {
    return new AnglesConfig(value, maxAngle, curriculumSamples);
  }

  /**
   * Returns these settings with another {@code maxAngle}.
   *
   * @param value the setting
   * @return the settings
   */
  public AnglesConfig withMaxAngle(double value) {
    return new AnglesConfig(firstMaxAngle, value, curriculumSamples);
  }

  /**
   * Returns these settings with another {@code curriculumSamples}.
   *
   * @param value the setting
   * @return the settings
   */
  public AnglesConfig withCurriculumSamples(long value) {
    return new AnglesConfig(firstMaxAngle, maxAngle, value);
  }
}
