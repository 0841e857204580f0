package ai.fresnel.cvs.train.schedule;

import ai.fresnel.cvs.diffusion.NoiseSchedule;
import java.util.List;

/**
 * The two sigmas of a trajectory that stage 2 compares. A schedule of one's own is a class with
 * this one method, given to {@code ConsistencyTrainer.Builder.optSigmaPairs}; its {@code toString}
 * is kept with the run.
 */
@FunctionalInterface
public interface SigmaPairs {

  /**
   * Draws a pair of sigmas a sample: a function of the seeds and the progress alone, so that a run
   * can be repeated.
   *
   * @param schedule the range the model lives on
   * @param seeds one a sample
   * @param stream which of a sample's streams of numbers to use
   * @param progress the share of the run that is done, from 0 to 1
   * @return a pair a sample
   */
  List<Pair> draw(NoiseSchedule schedule, long[] seeds, int stream, double progress);

  /**
   * Two sigmas of one sample.
   *
   * @param sigma the upper one, at most sigmaMax
   * @param sigmaNext the lower one, from sigmaMin to below sigma
   */
  record Pair(double sigma, double sigmaNext) {}
}
