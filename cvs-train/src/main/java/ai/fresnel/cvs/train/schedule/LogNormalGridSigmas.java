package ai.fresnel.cvs.train.schedule;

import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SigmaGrid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Neighbours on EDM's grid, an interval as likely as a log-normal sigma is to fall into it (Song
 * and Dhariwal 2023, section 3.5).
 *
 * @param intervals how fine the grid is, phase by phase
 * @param sigmas the distribution
 */
public record LogNormalGridSigmas(IntervalSchedule intervals, LogNormalSigmas sigmas)
    implements SigmaPairs {

  @Override
  public List<Pair> draw(NoiseSchedule schedule, long[] seeds, int stream, double progress) {
    SigmaGrid grid = SigmaGrid.karras(schedule, intervals.intervals(progress));
    double[] rising = grid.sigmas();
    Arrays.sort(rising);
    List<Pair> pairs = new ArrayList<>();
    for (double sigma :
        sigmas.drawWithin(seeds, stream, schedule.sigmaMin(), schedule.sigmaMax())) {
      int found = Arrays.binarySearch(rising, sigma);
      int above = found >= 0 ? Math.max(1, found) : -found - 1;
      pairs.add(new Pair(rising[above], rising[above - 1]));
    }
    return pairs;
  }
}
