package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.StepInputs;
import ai.fresnel.cvs.train.stage.TrainedBlock;
import ai.fresnel.cvs.view.Outputs;

/**
 * Computes a share of each batch on one device.
 *
 * @param manager owns what is computed there
 * @param block the network in training, or its copy there
 * @param stage makes the inputs of its shares
 */
record Worker(NDManager manager, TrainedBlock block, Stage stage) {

  /** The outputs of a share. */
  Outputs run(StepInputs inputs) {
    return block.run(new ParameterStore(manager, false), inputs);
  }
}
