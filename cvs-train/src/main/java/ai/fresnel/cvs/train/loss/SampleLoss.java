package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;

/** A loss that is the mean of one number a sample, and can tell these. */
public abstract class SampleLoss extends Loss {

  /**
   * Creates the loss.
   *
   * @param name what it is called in metrics
   */
  protected SampleLoss(String name) {
    super(name);
  }

  /**
   * Counts the labels this loss takes.
   *
   * @return 2, a target and a weight a sample, unless the loss says otherwise
   */
  public int labels() {
    return 2;
  }

  /**
   * Compares sample by sample.
   *
   * @param labels as the loss says, N outermost
   * @param predictions as the loss says, N outermost
   * @return each sample's loss with its weight, (N)
   */
  public abstract NDArray perSample(NDList labels, NDList predictions);

  /** {@inheritDoc} The mean over samples. */
  @Override
  public final NDArray evaluate(NDList labels, NDList predictions) {
    return perSample(labels, predictions).mean();
  }
}
