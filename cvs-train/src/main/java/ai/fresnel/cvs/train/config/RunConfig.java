package ai.fresnel.cvs.train.config;

import java.time.Duration;

/**
 * How long a run is, what it saves and shows, and when it goes back.
 *
 * @param seed decides initial weights, the order of the data, noise and dropped conditions
 * @param maxSamples samples of the whole run, at least 1
 * @param stateEvery time between two saved states, 0 or more; 0 = after each step
 * @param previewEvery time between two previews, 0 or more
 * @param validateEvery least time between two validations, 0 or more; they are rarer where they
 *     would take more than a hundredth of the time
 * @param keepSnapshots how many of the last states' models are kept under their number of samples,
 *     0 to 10000, beside {@code latest} and {@code best}
 * @param explosionFactor how many times its usual value the loss may grow before the run goes back
 *     to its last state, above 1, at most 1e9; 0 = never goes back, not even where the loss is NaN
 */
public record RunConfig(
    long seed,
    long maxSamples,
    Duration stateEvery,
    Duration previewEvery,
    Duration validateEvery,
    int keepSnapshots,
    double explosionFactor) {

  /**
   * Checks the settings.
   *
   * @param seed as above
   * @param maxSamples as above
   * @param stateEvery as above
   * @param previewEvery as above
   * @param validateEvery as above
   * @param keepSnapshots as above
   * @param explosionFactor as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public RunConfig {
    Checks.require("maxSamples", maxSamples, maxSamples >= 1, "1 or more");
    Checks.requireTime("stateEvery", stateEvery);
    Checks.requireTime("previewEvery", previewEvery);
    Checks.requireTime("validateEvery", validateEvery);
    Checks.require(
        "keepSnapshots", keepSnapshots, keepSnapshots >= 0 && keepSnapshots <= 10000, "0 to 10000");
    Checks.require(
        "explosionFactor",
        explosionFactor,
        explosionFactor == 0 || (explosionFactor > 1 && explosionFactor <= 1e9),
        "0 or above 1, at most 1e9");
  }

  /**
   * Returns these settings with another {@code seed}.
   *
   * @param value the setting
   * @return the settings
   */
  public RunConfig withSeed(long value) {
    return new RunConfig(
        value, maxSamples, stateEvery, previewEvery, validateEvery, keepSnapshots, explosionFactor);
  }

  /**
   * Returns these settings with another {@code maxSamples}.
   *
   * @param value the setting
   * @return the settings
   */
  public RunConfig withMaxSamples(long value) {
    return new RunConfig(
        seed, value, stateEvery, previewEvery, validateEvery, keepSnapshots, explosionFactor);
  }

  /**
   * Returns these settings with another {@code stateEvery}.
   *
   * @param value the setting
   * @return the settings
   */
  public RunConfig withStateEvery(Duration value) {
    return new RunConfig(
        seed, maxSamples, value, previewEvery, validateEvery, keepSnapshots, explosionFactor);
  }

  /**
   * Returns these settings with another {@code previewEvery}.
   *
   * @param value the setting
   * @return the settings
   */
  public RunConfig withPreviewEvery(Duration value) {
    return new RunConfig(
        seed, maxSamples, stateEvery, value, validateEvery, keepSnapshots, explosionFactor);
  }

  /**
   * Returns these settings with another {@code validateEvery}.
   *
   * @param value the setting
   * @return the settings
   */
  public RunConfig withValidateEvery(Duration value) {
    return new RunConfig(
        seed, maxSamples, stateEvery, previewEvery, value, keepSnapshots, explosionFactor);
  }

  /**
   * Returns these settings with another {@code keepSnapshots}.
   *
   * @param value the setting
   * @return the settings
   */
  public RunConfig withKeepSnapshots(int value) {
    return new RunConfig(
        seed, maxSamples, stateEvery, previewEvery, validateEvery, value, explosionFactor);
  }

  /**
   * Returns these settings with another {@code explosionFactor}.
   *
   * @param value the setting
   * @return the settings
   */
  public RunConfig withExplosionFactor(double value) {
    return new RunConfig(
        seed, maxSamples, stateEvery, previewEvery, validateEvery, keepSnapshots, value);
  }
}
