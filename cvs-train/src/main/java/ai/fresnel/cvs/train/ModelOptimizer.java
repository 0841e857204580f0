package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** Moves all parameters of a model from their gradients in a few calls, and zeroes those. */
interface ModelOptimizer {

  /**
   * Updates every parameter from its gradient.
   *
   * @param step the number of this update, from 1
   * @param rate the learning rate
   * @param scale what the gradients are too large by: they are divided by it first
   * @return the global norm of the gradient before clipping; not finite means that nothing was
   *     changed
   */
  double step(long step, double rate, double scale);

  /** Updates every parameter from gradients of their own size. */
  default double step(long step, double rate) {
    return step(step, rate, 1);
  }

  /**
   * What has to be kept beside the parameters to go on.
   *
   * @return kind of moment to parameter name to array, the optimiser's own
   */
  Map<String, Map<String, NDArray>> state();
}
