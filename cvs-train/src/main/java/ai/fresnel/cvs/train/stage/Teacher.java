package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Lora;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Guidance;
import ai.fresnel.cvs.diffusion.NullCondition;
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
    return of(network, preconditioning, takesWeights, weight, NullCondition.AS_TRAINED);
  }

  /**
   * Likewise; guided away from a chosen null.
   *
   * @param nullCondition what to lead away from
   */
  static Teacher of(
      DenoiserNetwork network,
      Scaling preconditioning,
      boolean takesWeights,
      double weight,
      NullCondition nullCondition) {
    return (manager, condition) -> {
      ParameterStore store = new ParameterStore(manager, false);
      Conditioning encoded = condition.of(network, store);
      Denoiser plain = network.denoiser(store, preconditioning);
      Denoiser guided;
      if (encoded.guidance() == null) {
        guided = Guidance.of(plain, weight, nullCondition);
      } else {
        guided = takesWeights ? plain : Guidance.perSample(plain, nullCondition);
      }
      return (x, sigma, ignored) -> guided.denoise(x, sigma, encoded);
    };
  }

  /**
   * The same teacher without its student's adapter: both are one network.
   *
   * @param adapter the student's, attached to the teacher's network
   */
  default Teacher without(Lora adapter) {
    return (manager, condition) -> {
      Denoiser denoiser = bind(manager, condition);
      return (x, sigma, ignored) -> {
        try (Lora.Off off = adapter.off()) {
          return denoiser.denoise(x, sigma, ignored);
        }
      };
    };
  }
}
