package ai.fresnel.cvs.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The noise of training and sampling, in units of the state's values.
 *
 * @param sigmaMin the lowest sigma, at least 1e-6, below {@code sigmaMax}
 * @param sigmaMax the highest sigma, where sampling starts, at most 1e6
 * @param rho exponent of the grid of sigmas (Karras et al. 2022, equation 5), in [1, 100]
 * @param mean mean of ln(sigma) in training, in [-20, 20]
 * @param deviation standard deviation of ln(sigma) in training, in [0.001, 20]
 */
public record NoiseConfig(
    double sigmaMin, double sigmaMax, double rho, double mean, double deviation) {

  /**
   * Checks the settings.
   *
   * @param sigmaMin as above
   * @param sigmaMax as above
   * @param rho as above
   * @param mean as above
   * @param deviation as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public NoiseConfig {
    Checks.range("sigmaMin", sigmaMin, 1e-6, 1e6);
    Checks.range("sigmaMax", sigmaMax, 1e-6, 1e6);
    Checks.check(sigmaMin < sigmaMax, "sigmaMin", sigmaMin, "below sigmaMax, which is " + sigmaMax);
    Checks.range("rho", rho, 1, 100);
    Checks.range("mean", mean, -20, 20);
    Checks.range("deviation", deviation, 0.001, 20);
  }

  /**
   * Returns EDM's settings for small images (Karras et al. 2022, table 1).
   *
   * @return the settings
   */
  public static NoiseConfig edm() {
    return new NoiseConfig(0.002, 80, 7, -1.2, 1.2);
  }

  /**
   * Returns the default sigmas for 1 to 4 passes, used until better ones are chosen on validation
   * objects: {@code n} passes start at the first {@code n} points of the grid of {@code n}
   * intervals.
   *
   * @return an unmodifiable map from the number of passes to its sigmas, in descending order
   */
  public SortedMap<Integer, List<Double>> fewStepSigmas() {
    SortedMap<Integer, List<Double>> sigmas = new TreeMap<>();
    for (int passes = 1; passes <= 4; passes++) {
      sigmas.put(passes, gridStarts(passes));
    }
    return Collections.unmodifiableSortedMap(sigmas);
  }

  /**
   * Returns the first {@code n} points of the grid of {@code n} intervals from sigmaMax to
   * sigmaMin.
   */
  private List<Double> gridStarts(int n) {
    double high = Math.pow(sigmaMax, 1 / rho);
    double low = Math.pow(sigmaMin, 1 / rho);
    List<Double> sigmas = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      // Use sigmaMax itself for the first, not a power of its root.
      sigmas.add(i == 0 ? sigmaMax : Math.pow(high + (low - high) * i / n, rho));
    }
    return List.copyOf(sigmas);
  }

  /**
   * Returns these settings with another range of sigmas.
   *
   * @param min the lowest
   * @param max the highest
   * @return the settings
   */
  public NoiseConfig withRange(double min, double max) {
    return new NoiseConfig(min, max, rho, mean, deviation);
  }

  /**
   * Returns these settings with another exponent of the grid.
   *
   * @param value the exponent
   * @return the settings
   */
  public NoiseConfig withRho(double value) {
    return new NoiseConfig(sigmaMin, sigmaMax, value, mean, deviation);
  }

  /**
   * Returns these settings with another mean of ln(sigma).
   *
   * @param value the mean
   * @return the settings
   */
  public NoiseConfig withMean(double value) {
    return new NoiseConfig(sigmaMin, sigmaMax, rho, value, deviation);
  }

  /**
   * Returns these settings with another standard deviation of ln(sigma).
   *
   * @param value the deviation
   * @return the settings
   */
  public NoiseConfig withDeviation(double value) {
    return new NoiseConfig(sigmaMin, sigmaMax, rho, mean, value);
  }
}
