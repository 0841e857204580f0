package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.LatentViews;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.ResidentViews;
import ai.fresnel.cvs.train.data.SeekablePrefetcher;
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

  private static final int THREADS_BESIDE_GPU = 4;

  /** The most views that a GPU holds, in bytes: a quarter of a card of 16 GB. */
  private static final long MOST_ON_DEVICE = 4L << 30;

  private final SeekablePrefetcher<ViewBatch> batches;
  private final Optional<LatentViews> latents;

  private ViewPairs(PairSource pairs, int threads, Optional<LatentViews> latents) {
    batches = new SeekablePrefetcher<>(pairs::batch, threads);
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
    boolean gpu = manager.getDevice().isGpu();
    if (gpu
        && latents.isEmpty()
        && pairs instanceof ViewPairDataset set
        && set.canReside(MOST_ON_DEVICE)) {
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
    return new ViewPairs(pairs, gpu ? THREADS_BESIDE_GPU : 1, latents);
  }

  @Override
  public TrainingBatch batch(NDManager manager, long index) {
    ViewBatch views = batches.get(index);
    TrainingBatch batch = views.on(manager);
    return latents.map(all -> all.addTo(manager, batch, views.pairs())).orElse(batch);
  }

  @Override
  public void close() {
    batches.close();
    try {
      if (latents.isPresent()) {
        latents.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
