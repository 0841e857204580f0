package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Guidance;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.view.DenoiserNetwork;

/** The denoiser whose trajectories are learned, given the student's conditions. */
@FunctionalInterface
interface Teacher {

  /**
   * Binds the teacher to a step's condition, encoded once for all passes of the step.
   *
   * @return a denoiser that takes no condition
   */
  Denoiser bind(NDManager manager, StepCondition condition);

  /**
   * A network and its preconditioning as a teacher. Where the condition brings guidance weights, it
   * is guided by them, unless it has learned to take them as an input.
   */
  static Teacher of(DenoiserNetwork network, Scaling preconditioning, boolean takesWeights) {
    return of(network, preconditioning, takesWeights, 0);
  }

  /**
   * Likewise; where the condition brings no weights, it is guided by one that is always the same.
   *
   * @param weight 0 for no guidance
   */
  static Teacher of(
      DenoiserNetwork network, Scaling preconditioning, boolean takesWeights, double weight) {
    return (manager, condition) -> {
      ParameterStore store = new ParameterStore(manager, false);
      Conditioning encoded = condition.of(network, store);
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
