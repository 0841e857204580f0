package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.TrainingBatch;

/** Where batches come from. Batch {@code i} is the same whenever and however often it is asked. */
@FunctionalInterface
public interface BatchSource extends AutoCloseable {

  /**
   * Returns a batch.
   *
   * @param manager what will own its arrays
   * @param index the number of the batch, from 0
   * @return the batch
   */
  TrainingBatch batch(NDManager manager, long index);

  /** Stops making batches ahead. */
  @Override
  default void close() {}
}
