package ai.fresnel.cvs.train.optim;

import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import java.util.function.LongSupplier;

/**
 * Moves an average network after each update: the weights kept for inference, or the consistency
 * target.
 */
public final class EmaListener extends TrainingListenerAdapter {

  private final EmaWeights weights;
  private final double decay;
  private final LongSupplier steps;

  /**
   * Makes a listener with a constant decay.
   *
   * @param weights the average
   * @param decay the share of the average that stays at each update, 0 = a copy
   */
  public EmaListener(EmaWeights weights, double decay) {
    this(weights, decay, () -> Long.MAX_VALUE);
  }

  /**
   * Makes a listener whose decay grows as (1 + steps)/(10 + steps) up to its value, so that a young
   * average forgets the random start.
   *
   * @param weights the average
   * @param decay the largest share of the average that stays at each update
   * @param steps the updates so far
   */
  public EmaListener(EmaWeights weights, double decay, LongSupplier steps) {
    this.weights = weights;
    this.decay = decay;
    this.steps = steps;
  }

  /** {@inheritDoc} */
  @Override
  public void onTrainingBatch(Trainer trainer, BatchData batchData) {
    double n = steps.getAsLong();
    weights.update(Math.min(decay, (1 + n) / (10 + n)));
  }
}
