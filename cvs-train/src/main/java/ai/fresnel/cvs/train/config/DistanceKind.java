package ai.fresnel.cvs.train.config;

/** How stage 2 measures the distance between the two ends of a pair. */
public enum DistanceKind {
  /** {@link ai.fresnel.cvs.train.objective.PseudoHuberLoss}. */
  PSEUDO_HUBER,

  /** The mean square, as in {@link ai.fresnel.cvs.train.objective.DenoisingLoss}. */
  SQUARED,

  /**
   * {@link ai.fresnel.cvs.train.objective.PerceptualLoss}, which needs LPIPS's weights: for images
   * of 128 pixels and more.
   */
  LPIPS
}
