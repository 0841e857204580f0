package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.torch.Precision;
import java.util.List;
import java.util.Set;

/**
 * How a step is computed: settings that change memory and time, but the update by rounding alone.
 *
 * @param precision what all networks of the run compute in; weights stay float32
 * @param accumulation parts a batch is computed in, one after another, 1 to batchSize: the same
 *     update from less memory
 * @param checkpointLevels levels of the network, 0 the finest, whose activations are computed twice
 *     in place of being kept: the same gradient from less memory; at most the model's, none twice
 */
public record ComputeConfig(Precision precision, int accumulation, List<Integer> checkpointLevels) {

  private static final int MOST_LEVELS = 8;

  /**
   * Checks the settings.
   *
   * @param precision as above
   * @param accumulation as above
   * @param checkpointLevels as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ComputeConfig {
    Checks.requirePresent("precision", precision);
    Checks.require("accumulation", accumulation, accumulation >= 1, "1 or more");
    checkpointLevels = List.copyOf(checkpointLevels);
    boolean levels =
        checkpointLevels.stream().allMatch(level -> level >= 0 && level < MOST_LEVELS)
            && Set.copyOf(checkpointLevels).size() == checkpointLevels.size();
    if (!levels) {
      throw new IllegalArgumentException(
          "checkpointLevels is " + checkpointLevels + ", expected levels from 0 to 7, none twice");
    }
  }

  /**
   * Returns these settings with another {@code precision}.
   *
   * @param value the setting
   * @return the settings
   */
  public ComputeConfig withPrecision(Precision value) {
    return new ComputeConfig(value, accumulation, checkpointLevels);
  }

  /**
   * Returns these settings with another {@code accumulation}.
   *
   * @param value the setting
   * @return the settings
   */
  public ComputeConfig withAccumulation(int value) {
    return new ComputeConfig(precision, value, checkpointLevels);
  }

  /**
   * Returns these settings with another {@code checkpointLevels}.
   *
   * @param value the setting
   * @return the settings
   */
  public ComputeConfig withCheckpointLevels(List<Integer> value) {
    return new ComputeConfig(precision, accumulation, value);
  }
}
