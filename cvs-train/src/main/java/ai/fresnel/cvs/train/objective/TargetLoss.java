package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;

/**
 * A loss that compares an output with a target and weights each sample. As a DJL loss, it is the
 * mean over samples.
 */
public abstract class TargetLoss extends Loss implements SampleLoss<Label> {

  /**
   * Creates the loss.
   *
   * @param name the name in DJL's metrics
   */
  protected TargetLoss(String name) {
    super(name);
  }

  /**
   * Computes the mean over samples.
   *
   * @param labels the target, then the weights (N)
   * @param predictions the output
   * @return the loss, a scalar
   */
  @Override
  public final NDArray evaluate(NDList labels, NDList predictions) {
    Label label = new Label(labels.get(0), labels.get(1));
    return perSample(predictions.singletonOrThrow(), label).mean();
  }
}
