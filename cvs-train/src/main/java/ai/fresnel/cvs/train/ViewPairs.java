package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.Prefetcher;
import ai.fresnel.cvs.train.data.ViewBatch;

/** Batches of source and target views, made ahead by a thread of their own. */
final class ViewPairs implements BatchSource, AutoCloseable {

  private static final int AHEAD = 4;

  private final PairSource dataset;
  private final PictureCodec codec;
  private Prefetcher<ViewBatch> prefetcher;
  private long next = -1;

  ViewPairs(PairSource dataset, PictureCodec codec) {
    this.dataset = dataset;
    this.codec = codec;
  }

  @Override
  public TrainingBatch batch(NDManager manager, long index) {
    if (index != next) {
      close();
      prefetcher = new Prefetcher<>(dataset::batch, index, AHEAD, 1);
      next = index;
    }
    next++;
    return of(manager, prefetcher.next(), codec);
  }

  /** The target is what is learned; source and pose are what it is conditioned on. */
  static TrainingBatch of(NDManager manager, ViewBatch batch, PictureCodec codec) {
    NDList arrays = batch.toNDList(manager);
    arrays.forEach(array -> array.setName(null));
    NDArray target = codec.encode(arrays.get(1));
    return new TrainingBatch(
        target,
        new NDList(arrays.get(0), arrays.get(2)),
        batch.sampleSeeds(),
        arrays.size() > 3 ? arrays.get(3) : null);
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
