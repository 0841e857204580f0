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
 * f, of x's shape, then what the first of the network's heads say, as they say it.
 */
final class DenoiserBlock extends AbstractBlock {

  private final DenoiserNetwork network;
  private final Preconditioning preconditioning;
  private final UnaryOperator<Denoiser> form;
  private final int heads;

  private DenoiserBlock(
      DenoiserNetwork network,
      Preconditioning preconditioning,
      UnaryOperator<Denoiser> form,
      int heads) {
    this.network = addChildBlock("network", network);
    this.preconditioning = preconditioning;
    this.form = form;
    this.heads = heads;
  }

  static DenoiserBlock denoiser(DenoiserNetwork network, Preconditioning preconditioning) {
    return denoiser(network, preconditioning, 0);
  }

  /**
   * @param heads how many of the network's heads a loss wants to hear
   */
  static DenoiserBlock denoiser(
      DenoiserNetwork network, Preconditioning preconditioning, int heads) {
    return new DenoiserBlock(network, preconditioning, UnaryOperator.identity(), heads);
  }

  static DenoiserBlock consistency(
      DenoiserNetwork network, Preconditioning preconditioning, double sigmaMin) {
    return consistency(network, preconditioning, sigmaMin, 0);
  }

  /**
   * @param heads how many of the network's heads a loss wants to hear
   */
  static DenoiserBlock consistency(
      DenoiserNetwork network, Preconditioning preconditioning, double sigmaMin, int heads) {
    return new DenoiserBlock(
        network, preconditioning, denoiser -> new ConsistencyFunction(denoiser, sigmaMin), heads);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList conditions = inputs.subNDList(2);
    Conditioning conditioning =
        conditions.isEmpty() ? Conditioning.none() : network.condition(store, conditions);
    NDManager owner = inputs.get(0).getManager();
    NDList heard = new NDList();
    Denoiser denoiser =
        form.apply(
            preconditioning.wrap(
                (x, cNoise, c) -> {
                  NDList all = network.predictAll(store, x, cNoise, c);
                  // The caller frees what the network leaves on x's manager.
                  all.subNDList(1, 1 + heads)
                      .forEach(
                          head -> {
                            head.attach(owner);
                            heard.add(head);
                          });
                  return all.get(0);
                }));
    NDList outputs = new NDList(denoiser.denoise(inputs.get(0), inputs.get(1), conditioning));
    outputs.addAll(heard);
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
