package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** Clean states, what they are conditioned on, and the seeds of their noise. */
public final class TrainingBatch {

  private final NDArray x0;
  private final NDList conditions;
  private final long[] seeds;

  /**
   * Makes a batch.
   *
   * @param x0 clean states, (N, ...)
   * @param conditions inputs of {@link ai.fresnel.cvs.nn.DenoiserNetwork#condition}, without the
   *     mask of kept conditions; may be empty
   * @param seeds one a sample, N of them: a sample's noise depends on its seed only
   */
  public TrainingBatch(NDArray x0, NDList conditions, long[] seeds) {
    if (x0.getShape().get(0) != seeds.length) {
      throw new IllegalArgumentException(
          seeds.length + " seeds for a batch of " + x0.getShape().get(0));
    }
    this.x0 = x0;
    this.conditions = conditions;
    this.seeds = seeds.clone();
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
}
