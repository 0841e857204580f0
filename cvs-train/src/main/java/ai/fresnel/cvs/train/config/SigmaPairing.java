package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.train.schedule.GridSigmas;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import ai.fresnel.cvs.train.schedule.LogNormalGridSigmas;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.train.schedule.RatioSigmas;
import ai.fresnel.cvs.train.schedule.SigmaPairs;

/** The ways to pair sigmas that a recipe can name. */
public enum SigmaPairing {
  /** {@link GridSigmas}. */
  GRID {
    @Override
    public SigmaPairs of(IntervalSchedule intervals, LogNormalSigmas sigmas) {
      return new GridSigmas(intervals);
    }
  },
  /** {@link LogNormalGridSigmas}. */
  LOGNORMAL_GRID {
    @Override
    public SigmaPairs of(IntervalSchedule intervals, LogNormalSigmas sigmas) {
      return new LogNormalGridSigmas(intervals, sigmas);
    }
  },
  /** {@link RatioSigmas}. */
  RATIO {
    @Override
    public SigmaPairs of(IntervalSchedule intervals, LogNormalSigmas sigmas) {
      return new RatioSigmas(intervals, sigmas);
    }
  };

  /**
   * Makes the pairs.
   *
   * @param intervals how finely they are spaced, phase by phase
   * @param sigmas their distribution, where it is log-normal
   * @return the pairs
   */
  public abstract SigmaPairs of(IntervalSchedule intervals, LogNormalSigmas sigmas);
}
