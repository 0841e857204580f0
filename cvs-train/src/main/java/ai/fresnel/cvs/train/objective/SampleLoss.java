package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;

/**
 * Compares one output of a network with a label, sample by sample.
 *
 * @param <L> the label; {@link Label} for most
 */
@FunctionalInterface
public interface SampleLoss<L> {

  /**
   * Compares.
   *
   * @param output the output, (N, ...)
   * @param label what it is compared with
   * @return the samples' losses with their weights, (N)
   */
  NDArray perSample(NDArray output, L label);
}
