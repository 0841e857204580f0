package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;
import java.util.List;

/**
 * A network in the form in which a stage trains it. As a DJL block its inputs are x (N, ...) and
 * sigma (N), then those of {@link ViewContext#of(NDList)}; its output is x0.
 */
public abstract class TrainedBlock extends AbstractBlock {

  /**
   * Makes the outputs that a step's labels ask for.
   *
   * @param store where the parameters' values are
   * @param inputs the step's inputs
   * @return the outputs, on the manager of x
   */
  public abstract Outputs run(ParameterStore store, StepInputs inputs);

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    ViewContext context = ViewContext.of(inputs.subNDList(2));
    StepInputs step =
        new StepInputs(
            inputs.get(0),
            inputs.get(1),
            StepCondition.raw(context),
            new Objective.Labels(List.of()));
    return run(store, step).toNDList();
  }

  @Override
  protected final void initializeChildBlocks(
      NDManager manager, DataType dataType, Shape... inputShapes) {
    for (Pair<String, Block> child : getChildren()) {
      child.getValue().initialize(manager, dataType, inputShapes);
    }
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
