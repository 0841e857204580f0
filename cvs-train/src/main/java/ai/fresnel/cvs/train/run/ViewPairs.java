package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.Prefetcher;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewBatch;

/** Batches of source and target views, made ahead by a thread of their own. */
final class ViewPairs implements BatchSource, AutoCloseable {

  private static final int AHEAD = 4;

  private final PairSource dataset;
  private Prefetcher<ViewBatch> prefetcher;
  private long next = -1;

  ViewPairs(PairSource dataset) {
    this.dataset = dataset;
  }

  @Override
  public TrainingBatch batch(NDManager manager, long index) {
    if (index != next) {
      close();
      prefetcher = new Prefetcher<>(dataset::batch, index, AHEAD, 1);
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
