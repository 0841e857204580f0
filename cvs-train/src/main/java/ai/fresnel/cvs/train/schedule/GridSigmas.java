package ai.fresnel.cvs.train.schedule;

import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.SigmaGrid;
import java.util.ArrayList;
import java.util.List;

/**
 * Neighbours on EDM's grid, each interval as likely as another (Song et al. 2023, algorithm 2).
 *
 * @param intervals how fine the grid is, phase by phase
 */
public record GridSigmas(IntervalSchedule intervals) implements SigmaPairs {

  @Override
  public List<Pair> draw(NoiseSchedule schedule, long[] seeds, int stream, double progress) {
    SigmaGrid grid = SigmaGrid.karras(schedule, intervals.intervals(progress));
    List<Pair> pairs = new ArrayList<>();
    for (long seed : seeds) {
      float u = SampleNoise.uniform(seed, stream, 1)[0];
      int interval = Math.min(grid.intervals() - 1, (int) (u * grid.intervals()));
      pairs.add(new Pair(grid.sigma(interval), grid.sigma(interval + 1)));
    }
    return pairs;
  }
}
