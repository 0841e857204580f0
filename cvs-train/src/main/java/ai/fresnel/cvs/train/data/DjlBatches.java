package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;

/**
 * Names the arrays of a DJL {@link Batch} of views. Every array has one row for each of the N
 * samples, so that DJL may split a batch among devices.
 */
public final class DjlBatches {

  /** Data: the given views, (N, 3, S, S) in [-1, 1]. */
  public static final String SOURCE = "source";

  /** Data: the camera moves, (N, 16). */
  public static final String CAMERAS = "cameras";

  /** Label, the first: the views to make, (N, 3, S, S) in [-1, 1]. */
  public static final String TARGET = "target";

  /** Label, where it is known: the depth of the views to make, (N, 1, S, S) in object lengths. */
  public static final String DEPTH = "depth";

  private DjlBatches() {}

  /**
   * Makes a DJL batch of a training batch, whose arrays it takes over.
   *
   * @param manager will own the arrays; closed with the DJL batch
   * @param batch the training batch, not to be used afterwards
   * @param progress how much of the epoch is done with this batch, 1 or more
   * @param progressTotal the same of the whole epoch
   * @return data {@link #SOURCE} and {@link #CAMERAS} (none if the batch has no context), labels
   *     {@link #TARGET} and perhaps {@link #DEPTH}
   */
  public static Batch of(
      NDManager manager, TrainingBatch batch, long progress, long progressTotal) {
    NDList data = new NDList();
    if (!batch.context().isEmpty()) {
      data.add(named(SOURCE, batch.context().sourceOfEachView()));
      data.add(named(CAMERAS, batch.context().cameras()));
    }
    NDList labels = new NDList(named(TARGET, batch.targets()));
    batch.depth().ifPresent(depth -> labels.add(named(DEPTH, depth)));
    return new Batch(
        manager,
        data,
        labels,
        batch.size(),
        Batchifier.STACK,
        Batchifier.STACK,
        progress,
        progressTotal);
  }

  private static NDArray named(String name, NDArray array) {
    array.setName(name);
    return array;
  }
}
