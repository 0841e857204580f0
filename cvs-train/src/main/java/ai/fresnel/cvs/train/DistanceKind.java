package ai.fresnel.cvs.train;

import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.train.loss.DenoisingLoss;
import ai.fresnel.cvs.train.loss.PseudoHuberLoss;

/** How stage 2 measures the distance between the two ends of a pair. */
public enum DistanceKind {
  /** {@link PseudoHuberLoss}. */
  PSEUDO_HUBER {
    @Override
    Loss loss() {
      return new PseudoHuberLoss();
    }
  },

  /** The mean square, as in {@link DenoisingLoss}. */
  SQUARED {
    @Override
    Loss loss() {
      return new DenoisingLoss();
    }
  };

  abstract Loss loss();
}
