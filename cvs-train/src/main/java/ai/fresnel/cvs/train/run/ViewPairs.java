package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.LatentViews;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.Prefetcher;
import ai.fresnel.cvs.train.data.ResidentViews;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

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
  private final Optional<LatentViews> latents;
  private Prefetcher<ViewBatch> prefetcher;
  private long next = -1;

  private ViewPairs(PairSource dataset, Optional<LatentViews> latents) {
    this.dataset = dataset;
    this.latents = latents;
  }

  /** Batches of images that nobody has encoded. */
  static BatchSource of(PairSource pairs, NDManager manager) {
    return of(pairs, manager, Optional.empty());
  }

  /**
   * Chooses where batches are made: on a GPU that can hold the views of a set in memory, else by
   * cores.
   *
   * @param pairs the pairs
   * @param manager owns what lies on the device
   * @param latents the views' latents; empty where there are none on disk
   */
  static BatchSource of(PairSource pairs, NDManager manager, Optional<LatentViews> latents) {
    boolean gpu = manager.getDevice().isGpu() && latents.isEmpty();
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
    return new ViewPairs(pairs, latents);
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
    ViewBatch views = prefetcher.next();
    TrainingBatch batch = views.on(manager);
    return latents.map(all -> all.addTo(manager, batch, views.pairs())).orElse(batch);
  }

  @Override
  public void close() {
    if (prefetcher != null) {
      prefetcher.close();
      prefetcher = null;
      next = -1;
    }
    try {
      if (latents.isPresent()) {
        latents.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
