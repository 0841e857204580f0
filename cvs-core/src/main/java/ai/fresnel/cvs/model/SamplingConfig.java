package ai.fresnel.cvs.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The sampling of a model.
 *
 * @param temperature factor of the first noise, 0 to 1; below 1, samples differ less and are nearer
 *     to their mean. See {@link ai.fresnel.cvs.diffusion.ConsistencySampler#withTemperature}
 * @param fewStepSigmas for each number of passes, 1 to 64, its sigmas: one per pass, strictly
 *     descending, the first {@code sigmaMax}, the last above {@code sigmaMin}; empty for those of
 *     the grid, {@link NoiseConfig#fewStepSigmas}
 * @param solver the sampling of a diffusion model of discrete timesteps; empty for Heun's method
 *     along EDM's grid
 */
public record SamplingConfig(
    double temperature,
    SortedMap<Integer, List<Double>> fewStepSigmas,
    Optional<SolverConfig> solver) {
  private static final int MAX_PASSES = 64;

  /**
   * Checks and copies the settings.
   *
   * @param temperature as above
   * @param fewStepSigmas as above
   * @param solver as above
   * @throws IllegalArgumentException if a setting is missing or out of range
   */
  public SamplingConfig {
    Checks.range("temperature", temperature, 0, 1);
    Checks.present("fewStepSigmas", fewStepSigmas);
    Checks.present("solver", solver);
    SortedMap<Integer, List<Double>> copy = new TreeMap<>();
    for (Map.Entry<Integer, List<Double>> entry : fewStepSigmas.entrySet()) {
      int passes = entry.getKey();
      List<Double> sigmas = entry.getValue();
      Checks.range("fewStepSigmas: number of passes", passes, 1, MAX_PASSES);
      String setting = "fewStepSigmas[" + passes + "]";
      Checks.check(sigmas != null && sigmas.size() == passes, setting, sigmas, "as many as passes");
      double above = Double.POSITIVE_INFINITY;
      for (Double sigma : sigmas) {
        Checks.check(sigma != null && sigma < above, setting, sigmas, "falling sigmas");
        above = sigma;
      }
      copy.put(passes, List.copyOf(sigmas));
    }
    fewStepSigmas = Collections.unmodifiableSortedMap(copy);
  }

  /**
   * Makes settings without a solver of discrete timesteps.
   *
   * @param temperature as above
   * @param fewStepSigmas as above
   * @throws IllegalArgumentException if a setting is missing or out of range
   */
  public SamplingConfig(double temperature, SortedMap<Integer, List<Double>> fewStepSigmas) {
    this(temperature, fewStepSigmas, Optional.empty());
  }

  /**
   * Returns temperature 1 and the sigmas of the grid.
   *
   * @return the settings
   */
  public static SamplingConfig defaults() {
    return new SamplingConfig(1, new TreeMap<>());
  }

  /**
   * Returns these settings with another temperature.
   *
   * @param value the temperature
   * @return the settings
   */
  public SamplingConfig withTemperature(double value) {
    return new SamplingConfig(value, fewStepSigmas, solver);
  }

  /**
   * Returns these settings with chosen sigmas.
   *
   * @param value sigmas by number of passes, empty for those of the grid
   * @return the settings
   */
  public SamplingConfig withFewStepSigmas(Map<Integer, List<Double>> value) {
    return new SamplingConfig(temperature, new TreeMap<>(value), solver);
  }

  /**
   * Returns these settings with a solver of discrete timesteps.
   *
   * @param value the solver
   * @return the settings
   */
  public SamplingConfig withSolver(SolverConfig value) {
    return new SamplingConfig(temperature, fewStepSigmas, Optional.of(value));
  }

  /** Checks the chosen sigmas against the range of the noise. */
  void check(NoiseConfig noise) {
    fewStepSigmas.forEach(
        (passes, sigmas) ->
            Checks.check(
                sigmas.get(0) == noise.sigmaMax() && sigmas.get(passes - 1) > noise.sigmaMin(),
                "sampling.fewStepSigmas[" + passes + "]",
                sigmas,
                "sigmas falling from sigmaMax "
                    + noise.sigmaMax()
                    + ", all above sigmaMin "
                    + noise.sigmaMin()));
  }
}
