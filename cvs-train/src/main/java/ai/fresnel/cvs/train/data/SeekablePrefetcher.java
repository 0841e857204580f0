package ai.fresnel.cvs.train.data;

import java.util.function.LongFunction;

/**
 * Items of a numbered series by their number. Asked for one after another, they are made ahead by a
 * {@link Prefetcher}; another number starts a new one there.
 *
 * <p>For one consuming thread.
 *
 * @param <T> the item
 */
public final class SeekablePrefetcher<T> implements AutoCloseable {

  private static final int AHEAD = 4;

  private final LongFunction<? extends T> producer;
  private final int threads;
  private Prefetcher<T> prefetcher;
  private long next = -1;

  /**
   * Names the series. Makes nothing yet.
   *
   * @param producer makes item number i; called from several threads at once if there are several
   * @param threads the number of items made at once, at least 1
   */
  public SeekablePrefetcher(LongFunction<? extends T> producer, int threads) {
    this.producer = producer;
    this.threads = threads;
  }

  /**
   * Waits for an item.
   *
   * @param index its number, 0 or more
   * @return the item
   */
  public T get(long index) {
    if (index != next) {
      close();
      prefetcher = new Prefetcher<>(producer, index, AHEAD, threads);
      next = index;
    }
    next++;
    return prefetcher.next();
  }

  /** Drops what was made ahead; the next item starts anew. */
  @Override
  public void close() {
    if (prefetcher != null) {
      prefetcher.close();
      prefetcher = null;
      next = -1;
    }
  }
}
