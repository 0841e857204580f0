package ai.fresnel.cvs.train.config;

/**
 * The weights kept for inference.
 *
 * @param emaDecay their decay a step, in [0, 1)
 */
public record AveragingConfig(double emaDecay) {

  /**
   * Checks the settings.
   *
   * @param emaDecay as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public AveragingConfig {
    Checks.requireShare("emaDecay", emaDecay);
  }

  /**
   * Returns these settings with another {@code emaDecay}.
   *
   * @param value the setting
   * @return the settings
   */
  public AveragingConfig withEmaDecay(double value) {
    return new AveragingConfig(value);
  }
}
