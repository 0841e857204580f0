package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.StepInputs;
import ai.fresnel.cvs.train.stage.TrainedBlock;
import ai.fresnel.cvs.view.Outputs;

/**
 * The stage's loss of the averaged weights on pairs that are not trained on: always the same pairs
 * with the same noise, so that two measurements differ by the weights alone. A stage whose grid
 * changes during the run is measured on its last.
 */
final class Validation {

  /** How many pairs are measured. */
  static final int PAIRS = 64;

  private final Stage stage;
  private final TrainedBlock block;
  private final ViewBatch pairs;
  private final int batchSize;

  /**
   * @param stage the stage in training
   * @param block the averaged network as the stage trains it
   * @param pairs what to measure on
   * @param batchSize how many pairs at once
   */
  Validation(Stage stage, TrainedBlock block, ViewBatch pairs, int batchSize) {
    this.stage = stage;
    this.block = block;
    this.pairs = pairs;
    this.batchSize = batchSize;
  }

  /**
   * Measures.
   *
   * @param parent what owns the device's arrays
   * @return the mean loss, maybe not finite
   */
  double measure(NDManager parent) {
    double sum = 0;
    try (NDManager manager = parent.newSubManager();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      TrainingBatch all = pairs.on(manager);
      for (int from = 0; from < pairs.size(); from += batchSize) {
        int to = Math.min(pairs.size(), from + batchSize);
        try (NDManager scope = manager.newSubManager()) {
          sum += (to - from) * loss(scope, all.part(scope, from, to));
        }
      }
    }
    return sum / pairs.size();
  }

  private double loss(NDManager manager, TrainingBatch batch) {
    StepInputs inputs = stage.prepare(manager, batch, 1);
    Outputs outputs = block.run(new ParameterStore(manager, false), inputs);
    outputs.attach(manager);
    NDArray loss = inputs.labels().perSample(outputs).mean();
    loss.attach(manager);
    return loss.getFloat();
  }
}
