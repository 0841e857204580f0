package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.train.schedule.SigmaPairs;

/** How much a pair of sigmas counts in stage 2. */
public enum LossWeighting {
  /** 1. */
  UNIFORM {
    @Override
    public double weight(SigmaPairs.Pair pair) {
      return 1;
    }
  },

  /** 1 / (sigma − sigmaNext): a small step is as important as a large one (iCT, section 3.2). */
  INVERSE_GAP {
    @Override
    public double weight(SigmaPairs.Pair pair) {
      return 1 / (pair.sigma() - pair.sigmaNext());
    }
  };

  /**
   * Returns a pair's weight.
   *
   * @param pair the pair
   * @return the weight, above 0
   */
  public abstract double weight(SigmaPairs.Pair pair);
}
