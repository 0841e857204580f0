package ai.fresnel.cvs.train.schedule;

import ai.fresnel.cvs.diffusion.NoiseSchedule;
import java.util.ArrayList;
import java.util.List;

/**
 * Log-normal sigmas, each with one that lies lower by a share of it (Geng et al. 2024, "Consistency
 * Models Made Easy", equation 10): with n the phase's number of intervals,
 *
 * <pre>  sigmaNext / sigma = 1 − (1 + 8 / (1 + e^sigma)) / n,   at least sigmaMin</pre>
 *
 * <p>At n = 2 most pairs reach down to the clean end, which is denoising; each doubling halves the
 * gap. No pair starts below {@code 2 sigmaMin}: where the gap vanishes, so does what it teaches.
 *
 * @param intervals n, phase by phase
 * @param sigmas the distribution of the upper sigmas
 */
public record RatioSigmas(IntervalSchedule intervals, LogNormalSigmas sigmas)
    implements SigmaPairs {

  private static final double K = 8;

  @Override
  public List<Pair> draw(NoiseSchedule schedule, long[] seeds, int stream, double progress) {
    double least = schedule.sigmaMin();
    double n = intervals.intervals(progress);
    List<Pair> pairs = new ArrayList<>();
    for (double sigma : sigmas.drawWithin(seeds, stream, 2 * least, schedule.sigmaMax())) {
      double share = 1 - (1 + K / (1 + Math.exp(sigma))) / n;
      pairs.add(new Pair(sigma, Math.max(least, share * sigma)));
    }
    return pairs;
  }
}
