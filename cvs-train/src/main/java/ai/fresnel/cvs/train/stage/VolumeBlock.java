package ai.fresnel.cvs.train.stage;

import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;

/**
 * A network's volume without its U-Net: a photograph is encoded once for all its target views. The
 * outputs are those of {@link ViewModel#render}; {@link Outputs#RENDERED} stands in for x0, which
 * is not made.
 */
final class VolumeBlock extends TrainedBlock {

  private final ViewModel network;

  VolumeBlock(ViewModel network) {
    this.network = addChildBlock("network", network);
  }

  @Override
  public Outputs run(ParameterStore store, StepInputs inputs) {
    ViewContext context = inputs.condition().context();
    return network.render(store, context.source(), context.cameras());
  }
}
