package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.diffusion.OdeSolver;

/**
 * The settings of a student, whichever way it is distilled.
 *
 * @param targetDecay decay a step of the consistency target's weights, in [0, 1); 0 = the student's
 *     own weights, without gradient
 * @param solver the step of the teacher's ODE
 * @param keepEncoders whether the student keeps its teacher's encoders of photograph and cameras as
 *     they are, which then run once a sample for all networks of a step
 * @param sigmas the pairs of sigmas
 * @param match how the ends of a pair are compared
 * @param guidance the weights of guidance it learns
 * @param losses its losses beside consistency
 */
public record ConsistencyConfig(
    double targetDecay,
    OdeSolver solver,
    boolean keepEncoders,
    SigmasConfig sigmas,
    MatchConfig match,
    GuidanceConfig guidance,
    TruthLossConfig losses) {

  /**
   * Checks the settings.
   *
   * @param targetDecay as above
   * @param solver as above
   * @param keepEncoders as above
   * @param sigmas as above
   * @param match as above
   * @param guidance as above
   * @param losses as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ConsistencyConfig {
    Checks.requireShare("targetDecay", targetDecay);
    Checks.requirePresent("solver", solver);
    Checks.requirePresent("sigmas", sigmas);
    Checks.requirePresent("match", match);
    Checks.requirePresent("guidance", guidance);
    Checks.requirePresent("losses", losses);
  }

  /**
   * Tells whether a loss needs LPIPS's weights.
   *
   * @return true if the distance is LPIPS, or the perceptual loss counts
   */
  public boolean needsLpips() {
    return match.distance() == DistanceKind.LPIPS || losses.perceptual() > 0;
  }
}
