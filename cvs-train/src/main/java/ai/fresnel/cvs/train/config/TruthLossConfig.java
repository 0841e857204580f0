package ai.fresnel.cvs.train.config;

/**
 * A student's losses beside consistency.
 *
 * @param photometric weight of {@link ai.fresnel.cvs.train.objective.PhotometricLoss} against the
 *     truth, 0 = none
 * @param perceptual weight of {@link ai.fresnel.cvs.train.objective.PerceptualLoss} against the
 *     truth, 0 = none
 * @param truthSigma the highest sigma at which the losses against the truth count, above 0, at most
 *     1e6
 * @param multiView weight of {@link ai.fresnel.cvs.train.objective.MultiViewLoss} between two
 *     targets of a source, by which the batch is made up then; 0 = none
 * @param adversarial weight of {@link ai.fresnel.cvs.train.objective.AdversarialLoss}, 0 = none
 * @param adversarialStart the share of the run after which it counts, 0 to 1
 */
public record TruthLossConfig(
    double photometric,
    double perceptual,
    double truthSigma,
    double multiView,
    double adversarial,
    double adversarialStart) {

  /**
   * Checks the settings.
   *
   * @param photometric as above
   * @param perceptual as above
   * @param truthSigma as above
   * @param multiView as above
   * @param adversarial as above
   * @param adversarialStart as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TruthLossConfig {
    Checks.require("photometric", photometric, photometric >= 0 && photometric <= 1e6, "0 to 1e6");
    Checks.require("perceptual", perceptual, perceptual >= 0 && perceptual <= 1e6, "0 to 1e6");
    Checks.require(
        "truthSigma", truthSigma, truthSigma > 0 && truthSigma <= 1e6, "above 0, at most 1e6");
    Checks.require("multiView", multiView, multiView >= 0 && multiView <= 1e6, "0 to 1e6");
    Checks.require("adversarial", adversarial, adversarial >= 0 && adversarial <= 1e6, "0 to 1e6");
    Checks.require(
        "adversarialStart",
        adversarialStart,
        adversarialStart >= 0 && adversarialStart <= 1,
        "0 to 1");
  }
}
