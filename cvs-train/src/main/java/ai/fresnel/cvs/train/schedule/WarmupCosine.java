package ai.fresnel.cvs.train.schedule;

import ai.djl.training.tracker.Tracker;

/**
 * A learning rate that rises linearly from zero, then falls along half a cosine to a share of its
 * peak at the end of the run. As a DJL tracker its updates count samples, not steps, so that it
 * does not depend on the batch size.
 *
 * @param peak the highest rate
 * @param warmup samples of the rise, 0 or more
 * @param total samples of the whole run, at least 1
 * @param finalShare the last rate as a share of the peak, from 0 to 1; 1 = constant
 */
public record WarmupCosine(double peak, long warmup, long total, double finalShare)
    implements Tracker {

  /**
   * The rate after a number of samples.
   *
   * @param samples samples seen
   * @return the learning rate
   */
  public double rate(long samples) {
    double rise = warmup <= 0 ? 1 : Math.min(1, (samples + 1.0) / warmup);
    double progress =
        Math.min(1, Math.max(0, samples - warmup) / (double) Math.max(1, total - warmup));
    double fall = finalShare + (1 - finalShare) * 0.5 * (1 + Math.cos(Math.PI * progress));
    return peak * rise * fall;
  }

  /** {@inheritDoc} */
  @Override
  public float getNewValue(int numUpdate) {
    return (float) rate(numUpdate);
  }
}
