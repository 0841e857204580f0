package ai.fresnel.cvs.train;

import ai.fresnel.cvs.train.schedule.GridLevels;
import ai.fresnel.cvs.train.schedule.LevelPairs;
import ai.fresnel.cvs.train.schedule.LogNormalGridLevels;
import ai.fresnel.cvs.train.schedule.LogNormalLevels;
import ai.fresnel.cvs.train.schedule.RatioLevels;

/** The pairs of noise levels a recipe can name. */
public enum LevelKind {
  /** {@link GridLevels}. */
  GRID {
    @Override
    LevelPairs of(StudentConfig config) {
      return new GridLevels(config.intervals());
    }
  },

  /** {@link LogNormalGridLevels}. */
  LOGNORMAL_GRID {
    @Override
    LevelPairs of(StudentConfig config) {
      return new LogNormalGridLevels(config.intervals(), distribution(config));
    }
  },

  /** {@link RatioLevels}. */
  RATIO {
    @Override
    LevelPairs of(StudentConfig config) {
      return new RatioLevels(config.intervals(), distribution(config));
    }
  };

  abstract LevelPairs of(StudentConfig config);

  private static LogNormalLevels distribution(StudentConfig config) {
    return new LogNormalLevels(config.levelMean(), config.levelDeviation());
  }
}
