package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.TrainingBatch;

/**
 * A stage of training: an objective and a schedule. The loop does not know which one it runs.
 *
 * <p>Everything random in a stage comes from the samples' seeds.
 */
public interface Stage {

  /**
   * Lets a stage of phases go on to the next; called before each step of training.
   *
   * @param progress the share of the run that is done, 0 to 1
   * @return whether a new phase begins, whose losses are of another scale
   */
  default boolean advance(double progress) {
    return false;
  }

  /**
   * Makes the inputs and labels of a step; called without gradient.
   *
   * @param manager owns what is made
   * @param batch the samples
   * @param progress the share of the run that is done, 0 to 1
   * @return what the step trains on
   */
  StepInputs prepare(NDManager manager, TrainingBatch batch, double progress);
}
