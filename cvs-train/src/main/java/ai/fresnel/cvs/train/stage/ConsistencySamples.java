package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.schedule.SigmaPairs;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The samples that every step of stage 2 begins with.
 *
 * @param noisy states at the upper sigma of each pair; with guidance weights in their context if
 *     the student learns guidance
 * @param sigmaNext the lower sigma of each pair, (N)
 * @param pairs the pairs of sigmas, N of them
 * @param progress the share of the run that is done, 0 to 1
 */
record ConsistencySamples(
    NoisySamples noisy, NDArray sigmaNext, List<SigmaPairs.Pair> pairs, double progress) {

  static ConsistencySamples draw(
      NDManager manager, TrainingBatch batch, ConsistencyObjective objective, double progress) {
    DiffusionProcess process = objective.process();
    List<SigmaPairs.Pair> pairs =
        objective.pairs().draw(process.schedule(), batch.seeds(), NoiseStreams.SIGMA, progress);
    NoisySamples noisy =
        NoisySamples.draw(
                manager,
                batch,
                process.codec(),
                pairs.stream().mapToDouble(SigmaPairs.Pair::sigma).toArray(),
                objective.settings().data().conditionDropout())
            .guided(manager, objective.settings().student().guidance());
    return new ConsistencySamples(
        noisy, numbers(manager, pairs, SigmaPairs.Pair::sigmaNext), pairs, progress);
  }

  /** The same samples at another place of the run. */
  ConsistencySamples at(double value) {
    return new ConsistencySamples(noisy, sigmaNext, pairs, value);
  }

  /** A number of each pair, (N). */
  NDArray each(ToDoubleFunction<SigmaPairs.Pair> number) {
    return numbers(noisy.sigma().getManager(), pairs, number);
  }

  private static NDArray numbers(
      NDManager manager, List<SigmaPairs.Pair> pairs, ToDoubleFunction<SigmaPairs.Pair> number) {
    return NoisySamples.numbers(manager, pairs.stream().mapToDouble(number).toArray());
  }
}
