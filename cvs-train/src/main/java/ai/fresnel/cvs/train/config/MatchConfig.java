package ai.fresnel.cvs.train.config;

/**
 * How the two ends of a pair are compared.
 *
 * @param weighting how much a pair counts
 * @param distance how the ends are compared
 */
public record MatchConfig(LossWeighting weighting, DistanceKind distance) {

  /**
   * Checks the settings.
   *
   * @param weighting as above
   * @param distance as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public MatchConfig {
    Checks.requirePresent("weighting", weighting);
    Checks.requirePresent("distance", distance);
  }
}
