package ai.fresnel.cvs.train.run;

import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.listener.TrainingListener;
import java.util.ArrayList;
import java.util.List;

/**
 * The listeners and evaluators of a run's caller, beside the run's own.
 *
 * @param listeners hear of each update
 * @param evaluators measure the predictions of each step
 */
public record Observers(List<TrainingListener> listeners, List<Evaluator> evaluators) {

  /**
   * Copies the lists; evaluators get the listener that asks them, if there is none.
   *
   * @param listeners hear of each update
   * @param evaluators measure the predictions of each step
   */
  public Observers {
    List<TrainingListener> all = new ArrayList<>(listeners);
    if (!evaluators.isEmpty()
        && all.stream().noneMatch(EvaluatorTrainingListener.class::isInstance)) {
      all.add(0, new EvaluatorTrainingListener());
    }
    listeners = List.copyOf(all);
    evaluators = List.copyOf(evaluators);
  }

  static Observers none() {
    return new Observers(List.of(), List.of());
  }

  boolean isEmpty() {
    return listeners.isEmpty();
  }
}
