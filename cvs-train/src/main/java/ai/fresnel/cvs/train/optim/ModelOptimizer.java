package ai.fresnel.cvs.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.util.Collection;
import java.util.Map;

/** Moves all parameters of a model from their gradients in a few calls, and zeroes those. */
public interface ModelOptimizer {

  /**
   * Makes the optimiser that settings name.
   *
   * @param manager owns its moments
   * @param block the model; all its parameters that are not frozen are moved
   * @param config the kind of optimiser and its settings
   * @return the optimiser
   */
  static ModelOptimizer of(NDManager manager, Block block, TrainingConfig config) {
    return of(manager, Weights.trainable(block), Weights.hidden(block).keySet(), config);
  }

  /**
   * Makes the optimiser that settings name.
   *
   * @param manager owns its moments
   * @param parameters all that is moved, by name
   * @param hidden the names of those that Muon moves: matrices between hidden states
   * @param config the kind of optimiser and its settings
   * @return the optimiser
   */
  static ModelOptimizer of(
      NDManager manager,
      Map<String, NDArray> parameters,
      Collection<String> hidden,
      TrainingConfig config) {
    return switch (config.optimization().optimizer()) {
      case ADAMW -> new AdamW(manager, parameters, config);
      case RADAM -> new RAdam(manager, parameters, config);
      case MUON -> new Muon(manager, parameters, hidden, config);
    };
  }

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

  /**
   * Updates every parameter from gradients of their own size.
   *
   * @param step the number of this update, from 1
   * @param rate the learning rate
   * @return the global norm of the gradient before clipping
   */
  default double step(long step, double rate) {
    return step(step, rate, 1);
  }

  /**
   * Returns the arrays that resuming needs beside the parameters.
   *
   * @return kind of moment to parameter name to array, the optimiser's own
   */
  Map<String, Map<String, NDArray>> state();
}
