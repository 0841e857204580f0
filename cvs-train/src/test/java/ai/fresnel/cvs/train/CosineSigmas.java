package ai.fresnel.cvs.train;

import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.schedule.SigmaPairs;
import java.util.ArrayList;
import java.util.List;

// The schedule of docs/training.md, word for word.
record CosineSigmas(int intervals) implements SigmaPairs {

  @Override
  public List<Pair> draw(NoiseSchedule schedule, long[] seeds, int stream, double progress) {
    List<Pair> pairs = new ArrayList<>();
    for (long seed : seeds) {
      int k = (int) (SampleNoise.uniform(seed, stream, 1)[0] * intervals);
      pairs.add(new Pair(sigma(schedule, k), sigma(schedule, k + 1)));
    }
    return pairs;
  }

  /** From sigmaMax at 0 to sigmaMin at {@code intervals}, along half a cosine. */
  private double sigma(NoiseSchedule schedule, int k) {
    double share = (1 + Math.cos(Math.PI * k / intervals)) / 2;
    return schedule.sigmaMin() + share * (schedule.sigmaMax() - schedule.sigmaMin());
  }
}
