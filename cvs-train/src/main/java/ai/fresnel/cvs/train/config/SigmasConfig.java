package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.train.schedule.SigmaPairs;

/**
 * The pairs of sigmas that stage 2 compares.
 *
 * @param intervals how finely sigmas are paired, phase by phase
 * @param pairing which sigmas make a pair
 * @param logSigmaMean mean of ln(sigma) where sigmas are log-normal, -20 to 20
 * @param logSigmaDeviation its standard deviation, above 0, at most 20
 */
public record SigmasConfig(
    IntervalSchedule intervals,
    SigmaPairing pairing,
    double logSigmaMean,
    double logSigmaDeviation) {

  /**
   * Checks the settings.
   *
   * @param intervals as above
   * @param pairing as above
   * @param logSigmaMean as above
   * @param logSigmaDeviation as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public SigmasConfig {
    Checks.requirePresent("intervals", intervals);
    Checks.requirePresent("pairing", pairing);
    Checks.require("logSigmaMean", logSigmaMean, Math.abs(logSigmaMean) <= 20, "-20 to 20");
    Checks.require(
        "logSigmaDeviation",
        logSigmaDeviation,
        logSigmaDeviation > 0 && logSigmaDeviation <= 20,
        "above 0, at most 20");
  }

  /**
   * Makes the pairs that these settings name.
   *
   * @return the pairs
   */
  public SigmaPairs pairs() {
    return pairing.of(intervals, new LogNormalSigmas(logSigmaMean, logSigmaDeviation));
  }
}
