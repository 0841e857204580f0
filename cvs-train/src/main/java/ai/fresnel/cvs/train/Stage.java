package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;

/**
 * A stage of training: a loss and a schedule. The loop does not know which one it runs.
 *
 * <p>Everything random in a stage comes from the samples' seeds.
 */
public interface Stage {

  /**
   * Returns what compares the trained block's output with the labels.
   *
   * @return the loss
   */
  Loss loss();

  /**
   * Lets a stage of phases go on to the next; called before each step of training.
   *
   * @param progress the share of the run that is done, from 0 to 1
   * @return whether a phase begins whose losses are not to be compared with those before
   */
  default boolean advance(double progress) {
    return false;
  }

  /**
   * Makes the inputs and labels of a step; called without gradient.
   *
   * @param manager what owns the results
   * @param batch the clean batch
   * @param progress the share of the run that is done, from 0 to 1
   * @return inputs and labels
   */
  StepInputs prepare(NDManager manager, TrainingBatch batch, double progress);
}
