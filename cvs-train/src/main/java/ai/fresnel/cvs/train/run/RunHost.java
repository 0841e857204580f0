package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.fresnel.cvs.train.stage.StageHost;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Takes a stage's arrays into a state and its listeners to a {@link StageTrainer}.
 *
 * @param state takes the arrays
 * @param listeners takes the listeners
 */
record RunHost(TrainingState state, Consumer<TrainingListener> listeners) implements StageHost {

  @Override
  public void keep(String group, Map<String, NDArray> arrays) {
    state.with(group, arrays);
  }

  @Override
  public void listen(TrainingListener listener) {
    listeners.accept(listener);
  }

  @Override
  public void afterUpdate(UpdateHook hook) {
    listen(
        new TrainingListenerAdapter() {
          @Override
          public void onTrainingBatch(Trainer trainer, BatchData batchData) {
            StageTrainer own = (StageTrainer) trainer;
            hook.updated(own.rate(), own.lastScale());
          }
        });
  }
}
