package ai.fresnel.cvs.train;

import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.schedule.LevelPairs;
import java.util.ArrayList;
import java.util.List;

// The schedule of docs/training.md, word for word.
record CosineLevels(int intervals) implements LevelPairs {

  @Override
  public List<Pair> draw(NoiseSchedule schedule, long[] seeds, int stream, double progress) {
    List<Pair> pairs = new ArrayList<>();
    for (long seed : seeds) {
      int k = (int) (SampleNoise.uniform(seed, stream, 1)[0] * intervals);
      pairs.add(new Pair(level(schedule, k), level(schedule, k + 1)));
    }
    return pairs;
  }

  /** From sigmaMax at 0 to sigmaMin at {@code intervals}, along half a cosine. */
  private double level(NoiseSchedule schedule, int k) {
    double share = (1 + Math.cos(Math.PI * k / intervals)) / 2;
    return schedule.sigmaMin() + share * (schedule.sigmaMax() - schedule.sigmaMin());
  }
}
