package ai.fresnel.cvs.train.config;

/**
 * The learning rate over a run.
 *
 * @param learningRate the highest learning rate, above 0, below 10
 * @param warmupSamples samples over which the rate rises from 0
 * @param finalRateShare the last rate as a share of the highest, from 0 to 1
 */
public record RateConfig(double learningRate, long warmupSamples, double finalRateShare) {

  /**
   * Checks the settings.
   *
   * @param learningRate as above
   * @param warmupSamples as above
   * @param finalRateShare as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public RateConfig {
    Checks.require(
        "learningRate", learningRate, learningRate > 0 && learningRate < 10, "above 0, below 10");
    Checks.require("warmupSamples", warmupSamples, warmupSamples >= 0, "0 or more");
    Checks.require(
        "finalRateShare", finalRateShare, finalRateShare >= 0 && finalRateShare <= 1, "0 to 1");
  }

  /**
   * Returns these settings with another {@code learningRate}.
   *
   * @param value the setting
   * @return the settings
   */
  public RateConfig withLearningRate(double value) {
    return new RateConfig(value, warmupSamples, finalRateShare);
  }

  /**
   * Returns these settings with another {@code warmupSamples}.
   *
   * @param value the setting
   * @return the settings
   */
  public RateConfig withWarmupSamples(long value) {
    return new RateConfig(learningRate, value, finalRateShare);
  }

  /**
   * Returns these settings with another {@code finalRateShare}.
   *
   * @param value the setting
   * @return the settings
   */
  public RateConfig withFinalRateShare(double value) {
    return new RateConfig(learningRate, warmupSamples, value);
  }
}
