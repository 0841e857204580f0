package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.Prefetcher;
import ai.fresnel.cvs.train.data.ResidentViews;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;

/**
 * Batches of source and target views, made ahead by threads of their own: one beside a CPU that
 * trains, a few beside a GPU.
 */
final class ViewPairs implements BatchSource {

  private static final int AHEAD = 4;
  private static final int THREADS_BESIDE_GPU = 4;

  /** The most views that a GPU holds, in bytes: a quarter of a card of 16 GB. */
  private static final long MOST_ON_DEVICE = 4L << 30;

  private final PairSource dataset;
  private Prefetcher<ViewBatch> prefetcher;
  private long next = -1;

  private ViewPairs(PairSource dataset) {
    this.dataset = dataset;
  }

  /**
   * Chooses where batches are made: on a GPU that can hold the views of a set in memory, else by
   * cores.
   *
   * @param pairs the pairs
   * @param manager owns what lies on the device
   */
  static BatchSource of(PairSource pairs, NDManager manager) {
    boolean gpu = manager.getDevice().isGpu();
    if (gpu && pairs instanceof ViewPairDataset set && set.canReside(MOST_ON_DEVICE)) {
      ResidentViews views = set.resident(manager);
      return new BatchSource() {
        @Override
        public TrainingBatch batch(NDManager owner, long index) {
          return views.batch(owner, index);
        }

        @Override
        public void close() {
          views.close();
        }
      };
    }
    return new ViewPairs(pairs);
  }

  @Override
  public TrainingBatch batch(NDManager manager, long index) {
    if (index != next) {
      close();
      prefetcher =
          new Prefetcher<>(
              dataset::batch, index, AHEAD, manager.getDevice().isGpu() ? THREADS_BESIDE_GPU : 1);
      next = index;
    }
    next++;
    return prefetcher.next().on(manager);
  }

  @Override
  public void close() {
    if (prefetcher != null) {
      prefetcher.close();
      prefetcher = null;
      next = -1;
    }
  }
}
