package ai.fresnel.cvs.train;

import ai.fresnel.cvs.train.schedule.LevelPairs;

/** How much a pair of noise levels counts in stage 2. */
public enum LossWeighting {
  /** 1. */
  UNIFORM {
    @Override
    double weight(LevelPairs.Pair pair) {
      return 1;
    }
  },

  /** 1 / (sigma − sigmaNext): a small step is as important as a large one (iCT, section 3.2). */
  INVERSE_GAP {
    @Override
    double weight(LevelPairs.Pair pair) {
      return 1 / (pair.sigma() - pair.sigmaNext());
    }
  };

  abstract double weight(LevelPairs.Pair pair);
}
