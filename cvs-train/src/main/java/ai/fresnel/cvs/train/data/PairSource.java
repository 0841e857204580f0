package ai.fresnel.cvs.train.data;

/**
 * An endless numbered series of pairs. A sample is a pure function of the seed and its number: the
 * same on every thread, after every restart, in any order. Safe for use by several threads.
 */
public interface PairSource {

  /**
   * Makes a batch of the random series.
   *
   * @param index the batch's number, 0 or more
   * @return its N pairs: samples index·N to index·N + N − 1
   */
  ViewBatch batch(long index);

  /**
   * Returns a view of the series for DJL's own training loop.
   *
   * @param batches the batches of an epoch, 1 or more
   * @return a data set whose epochs are consecutive parts of the series
   * @throws IllegalArgumentException if {@code batches} is below 1
   */
  default PairDataset asDataset(int batches) {
    return PairDataset.of(this, batches);
  }
}
