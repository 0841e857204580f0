package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.ConsistencyFunction;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.Outputs;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A network with its preconditioning, as a denoiser D(x, sigma) or as a consistency function f(x,
 * sigma), with the heads that the labels ask for.
 */
public final class DenoiserBlock extends TrainedBlock {

  private final DenoiserNetwork network;
  private final Scaling preconditioning;
  private final UnaryOperator<Denoiser> form;

  private DenoiserBlock(
      DenoiserNetwork network, Scaling preconditioning, UnaryOperator<Denoiser> form) {
    this.network = addChildBlock("network", network);
    this.preconditioning = preconditioning;
    this.form = form;
  }

  /**
   * Returns a network as a denoiser.
   *
   * @param network the network
   * @param preconditioning the scales around it
   * @return the block
   */
  public static DenoiserBlock denoiser(DenoiserNetwork network, Scaling preconditioning) {
    return new DenoiserBlock(network, preconditioning, UnaryOperator.identity());
  }

  /**
   * Returns a network as a consistency function.
   *
   * @param network the network
   * @param preconditioning the scales around it
   * @param sigmaMin the lowest sigma, where the function is the identity
   * @return the block
   */
  public static DenoiserBlock consistency(
      DenoiserNetwork network, Scaling preconditioning, double sigmaMin) {
    return new DenoiserBlock(
        network, preconditioning, denoiser -> new ConsistencyFunction(denoiser, sigmaMin));
  }

  /**
   * Returns a network in any form.
   *
   * @param network the network
   * @param preconditioning the scales around it
   * @param form wraps its denoiser
   * @return the block
   */
  static DenoiserBlock of(
      DenoiserNetwork network, Scaling preconditioning, UnaryOperator<Denoiser> form) {
    return new DenoiserBlock(network, preconditioning, form);
  }

  @Override
  public Outputs run(ParameterStore store, StepInputs inputs) {
    Set<String> heads = new LinkedHashSet<>(inputs.labels().outputs());
    heads.remove(Outputs.X0);
    return run(store, inputs, heads);
  }

  /** The prediction and some heads. */
  Outputs run(ParameterStore store, StepInputs inputs, Set<String> wanted) {
    Conditioning conditioning = inputs.condition().of(network, store);
    NDManager owner = inputs.x().getManager();
    Map<String, NDArray> heads = new LinkedHashMap<>();
    Denoiser denoiser =
        form.apply(
            preconditioning.wrap(
                (x, cNoise, c) -> {
                  Outputs outputs = network.predict(store, x, cNoise, c, wanted);
                  heads.putAll(outputs.heads());
                  // The caller frees what the network leaves on x's manager.
                  heads.values().forEach(head -> head.attach(owner));
                  return outputs.x0();
                }));
    return new Outputs(denoiser.denoise(inputs.x(), inputs.sigma(), conditioning), heads);
  }
}
