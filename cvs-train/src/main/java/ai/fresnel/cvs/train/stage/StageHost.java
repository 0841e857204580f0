package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.training.listener.TrainingListener;
import java.util.Map;

/** Offers a stage what it needs of the run that it is part of. */
public interface StageHost {

  /** Follows the updates of the network in training. */
  @FunctionalInterface
  interface UpdateHook {
    /**
     * Acts after an update.
     *
     * @param rate the update's learning rate
     * @param scale the number that its gradients were too large by
     */
    void updated(double rate, double scale);
  }

  /**
   * Saves arrays with the run's state, and restores them into where they are.
   *
   * @param group the name of the group, one of its own
   * @param arrays name to array
   */
  void keep(String group, Map<String, NDArray> arrays);

  /**
   * Adds a listener, which hears of each update.
   *
   * @param listener the listener
   */
  void listen(TrainingListener listener);

  /**
   * Adds a hook that acts after each update.
   *
   * @param hook the hook
   */
  void afterUpdate(UpdateHook hook);
}
