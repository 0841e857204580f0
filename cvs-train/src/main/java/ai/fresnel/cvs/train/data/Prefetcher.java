package ai.fresnel.cvs.train.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;

/**
 * Makes the next items of a numbered series ahead of time on daemon threads, and returns them in
 * order.
 *
 * <p>For one consuming thread. {@code new Prefetcher<>(dataset::batch, step, 4, 1)} resumes at any
 * step.
 *
 * @param <T> the item
 */
public final class Prefetcher<T> implements AutoCloseable {

  private final LongFunction<? extends T> producer;
  private final int depth;
  private final ExecutorService threads;
  private final Deque<Future<? extends T>> pending = new ArrayDeque<>();
  private long nextIndex;

  /**
   * Starts making items.
   *
   * @param producer makes item number i; called from several threads at once if there are several
   * @param firstIndex the first item's number
   * @param depth the most items that are ready or in the making, at least 1
   * @param threads the number of items made at once, at least 1
   * @throws IllegalArgumentException if {@code depth} or {@code threads} is below 1
   */
  public Prefetcher(LongFunction<? extends T> producer, long firstIndex, int depth, int threads) {
    if (depth < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "depth " + depth + " and " + threads + " threads, expected at least 1 of each");
    }
    this.producer = producer;
    this.depth = depth;
    this.nextIndex = firstIndex;
    this.threads =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "cvs-prefetch");
              thread.setDaemon(true);
              return thread;
            });
    fill();
  }

  /**
   * Waits for the next item.
   *
   * @return the item after the one returned last
   * @throws IllegalStateException if this prefetcher is closed
   * @throws CancellationException if the thread is interrupted while it waits
   */
  public T next() {
    if (threads.isShutdown()) {
      throw new IllegalStateException("the prefetcher is closed");
    }
    try {
      T item = pending.remove().get();
      fill();
      return item;
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for a batch");
    } catch (ExecutionException e) {
      close();
      // Rethrow the original: the thread between is a detail.
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Drops all items and stops the threads. */
  @Override
  public void close() {
    threads.shutdownNow();
    pending.clear();
  }

  private void fill() {
    while (pending.size() < depth) {
      long index = nextIndex++;
      pending.add(threads.submit(() -> producer.apply(index)));
    }
  }
}
