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
   * Computes the loss of each sample.
   *
   * @param output the output, (N, ...)
   * @param label the label
   * @return the weighted losses of the samples, (N)
   */
  NDArray perSample(NDArray output, L label);
}
