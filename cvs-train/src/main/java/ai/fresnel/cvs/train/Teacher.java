package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Guidance;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.nn.DenoiserNetwork;

/** The denoiser whose trajectories are learned, given the student's conditions. */
@FunctionalInterface
interface Teacher {

  /**
   * Binds the teacher to a batch's conditions, encoded once for all passes of the step.
   *
   * @param manager what owns the encoded conditions
   * @param conditions as in {@link StepInputs#data}, from the third on
   * @return the denoiser; the conditioning it is called with is ignored
   */
  Denoiser bind(NDManager manager, NDList conditions);

  /**
   * A network and its preconditioning as a teacher. Where the conditions bring guidance weights, it
   * is guided by them, unless it has learned to take them as an input.
   */
  static Teacher of(
      DenoiserNetwork network, Preconditioning preconditioning, boolean takesWeights) {
    return of(network, preconditioning, takesWeights, 0);
  }

  /**
   * Likewise; where the conditions bring no weights, it is guided by one that is always the same.
   *
   * @param weight that one, 0 = not guided
   */
  static Teacher of(
      DenoiserNetwork network,
      Preconditioning preconditioning,
      boolean takesWeights,
      double weight) {
    return (manager, conditions) -> {
      ParameterStore store = new ParameterStore(manager, false);
      Conditioning encoded = network.condition(store, conditions);
      Denoiser plain = network.denoiser(store, preconditioning);
      Denoiser guided;
      if (encoded.guidance() == null) {
        guided = Guidance.of(plain, weight);
      } else {
        guided = takesWeights ? plain : Guidance.perSample(plain);
      }
      return (x, sigma, ignored) -> guided.denoise(x, sigma, encoded);
    };
  }
}
