package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import java.util.Map;

/**
 * A network's volume without its U-Net: a photograph is encoded once for all its target views. The
 * output {@link Outputs#RENDERED} is made, (N, C, G, G); it stands in for x0, which is not.
 */
final class VolumeBlock extends TrainedBlock {

  private final ViewModel network;

  VolumeBlock(ViewModel network) {
    this.network = addChildBlock("network", network);
  }

  @Override
  public Outputs run(ParameterStore store, StepInputs inputs) {
    ViewContext context = inputs.condition().context();
    NDArray view = network.render(store, context.source(), context.cameras());
    return new Outputs(view, Map.of(Outputs.RENDERED, view));
  }
}
