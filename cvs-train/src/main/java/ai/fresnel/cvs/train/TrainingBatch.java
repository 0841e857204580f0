package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Clean states, what they are conditioned on, and the seeds of their noise. */
public final class TrainingBatch {

  private final NDArray x0;
  private final NDList conditions;
  private final long[] seeds;
  private final NDArray depth;

  /**
   * Makes a batch.
   *
   * @param x0 clean states, (N, ...)
   * @param conditions inputs of {@link ai.fresnel.cvs.nn.DenoiserNetwork#condition}, without the
   *     mask of kept conditions; may be empty
   * @param seeds one a sample, N of them: a sample's noise depends on its seed only
   */
  public TrainingBatch(NDArray x0, NDList conditions, long[] seeds) {
    this(x0, conditions, seeds, null);
  }

  /**
   * Makes a batch of views with their depth.
   *
   * @param x0 clean states, (N, ...)
   * @param conditions inputs of {@link ai.fresnel.cvs.nn.DenoiserNetwork#condition}, without the
   *     mask of kept conditions; may be empty
   * @param seeds one a sample, N of them: a sample's noise depends on its seed only
   * @param depth (N, 1, S, S), 0 where there is nothing; null where it is not known
   */
  public TrainingBatch(NDArray x0, NDList conditions, long[] seeds, NDArray depth) {
    if (x0.getShape().get(0) != seeds.length) {
      throw new IllegalArgumentException(
          seeds.length + " seeds for a batch of " + x0.getShape().get(0));
    }
    this.x0 = x0;
    this.conditions = conditions;
    this.seeds = seeds.clone();
    this.depth = depth;
  }

  /**
   * Returns the clean states.
   *
   * @return (N, ...)
   */
  public NDArray x0() {
    return x0;
  }

  /**
   * Returns what the states are conditioned on.
   *
   * @return the network's conditions, each (N, ...)
   */
  public NDList conditions() {
    return conditions;
  }

  /**
   * Returns the samples' seeds.
   *
   * @return N seeds, a copy
   */
  public long[] seeds() {
    return seeds.clone();
  }

  /**
   * Returns how far away what the clean states show is.
   *
   * @return (N, 1, S, S) along the camera's forward axis in object lengths, 0 where there is
   *     nothing; null where it is not known
   */
  public NDArray depth() {
    return depth;
  }

  /**
   * Splits the batch into parts of equal size, or nearly.
   *
   * @param manager what owns the parts' arrays
   * @param count how many parts, from 1 to N
   * @return the parts, in order; for one part this batch itself
   */
  List<TrainingBatch> split(NDManager manager, int count) {
    if (count == 1) {
      return List.of(this);
    }
    List<TrainingBatch> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(
          part(
              manager,
              (int) ((long) i * seeds.length / count),
              (int) ((i + 1L) * seeds.length / count)));
    }
    return parts;
  }

  /** A copy on a manager's device. */
  TrainingBatch on(NDManager manager) {
    NDList moved = new NDList();
    conditions.forEach(condition -> moved.add(on(manager, condition)));
    return new TrainingBatch(
        on(manager, x0), moved, seeds, depth == null ? null : on(manager, depth));
  }

  private static NDArray on(NDManager manager, NDArray array) {
    NDArray copy = array.toDevice(manager.getDevice(), true);
    copy.attach(manager);
    return copy;
  }

  /** The samples from one place up to another. */
  TrainingBatch part(NDManager manager, int from, int to) {
    NDIndex rows = new NDIndex().addSliceDim(from, to);
    NDList some = new NDList();
    conditions.forEach(condition -> some.add(condition.get(manager, rows)));
    return new TrainingBatch(
        x0.get(manager, rows),
        some,
        Arrays.copyOfRange(seeds, from, to),
        depth == null ? null : depth.get(manager, rows));
  }
}
