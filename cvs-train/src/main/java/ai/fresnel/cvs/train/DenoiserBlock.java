package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.ConsistencyFunction;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.nn.DenoiserNetwork;
import java.util.function.UnaryOperator;

/**
 * The block DJL's trainer sees: a network with its preconditioning, as a denoiser or as a
 * consistency function. Inputs: x (N, ...), sigma (N), then the network's conditions. Outputs: D or
 * f, of x's shape, then what the network's heads say, as they say it.
 */
final class DenoiserBlock extends AbstractBlock {

  private final DenoiserNetwork network;
  private final Preconditioning preconditioning;
  private final UnaryOperator<Denoiser> form;

  private DenoiserBlock(
      DenoiserNetwork network, Preconditioning preconditioning, UnaryOperator<Denoiser> form) {
    this.network = addChildBlock("network", network);
    this.preconditioning = preconditioning;
    this.form = form;
  }

  static DenoiserBlock denoiser(DenoiserNetwork network, Preconditioning preconditioning) {
    return new DenoiserBlock(network, preconditioning, UnaryOperator.identity());
  }

  static DenoiserBlock consistency(
      DenoiserNetwork network, Preconditioning preconditioning, double sigmaMin) {
    return new DenoiserBlock(
        network, preconditioning, denoiser -> new ConsistencyFunction(denoiser, sigmaMin));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList conditions = inputs.subNDList(2);
    Conditioning conditioning =
        conditions.isEmpty() ? Conditioning.none() : network.condition(store, conditions);
    NDManager owner = inputs.get(0).getManager();
    NDList heads = new NDList();
    Denoiser denoiser =
        form.apply(
            preconditioning.wrap(
                (x, cNoise, c) -> {
                  NDList all = network.predictAll(store, x, cNoise, c);
                  // The caller frees what the network leaves on x's manager.
                  all.subNDList(1)
                      .forEach(
                          head -> {
                            head.attach(owner);
                            heads.add(head);
                          });
                  return all.get(0);
                }));
    NDList outputs = new NDList(denoiser.denoise(inputs.get(0), inputs.get(1), conditioning));
    outputs.addAll(heads);
    return outputs;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
    network.initialize(manager, dataType, inputShapes);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
