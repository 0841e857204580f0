package ai.fresnel.cvs.examples.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A bounded queue before one worker, which takes all that waits, up to a number, in one pass. While
 * a pass runs the next one collects, so a single asker waits for nobody and many share their
 * passes; waiting for more on purpose would only delay the first.
 *
 * <p>An item whose future is done already, because its asker gave up or ran out of time, costs no
 * pass. If a pass of several fails, each is tried alone, so that one asker's mistake is no other's
 * error. Thread-safe.
 *
 * @param <T> what is asked for
 * @param <R> what is made of it
 */
public final class BatchQueue<T, R> implements AutoCloseable {

  /** Hears of passes. Called on the worker's thread. */
  public interface Listener {

    /**
     * A pass has ended.
     *
     * @param items how many went through it
     * @param nanoseconds how long it took
     */
    void passed(int items, long nanoseconds);
  }

  private record Waiting<T, R>(T item, CompletableFuture<R> future) {}

  private final Function<List<T>, List<R>> pass;
  private final int capacity;
  private final int batch;
  private final Listener listener;
  private final Deque<Waiting<T, R>> waiting = new ArrayDeque<>();
  private final Thread worker = new Thread(this::work, "passes");
  private boolean stopping;

  /**
   * Starts the worker.
   *
   * @param pass makes a result of each item, in order; called by one thread only
   * @param capacity the most items that wait, at least 1
   * @param batch the most items of a pass, at least 1
   * @param listener hears of passes
   */
  public BatchQueue(Function<List<T>, List<R>> pass, int capacity, int batch, Listener listener) {
    this.pass = pass;
    this.capacity = capacity;
    this.batch = batch;
    this.listener = listener;
    worker.start();
  }

  /**
   * Asks for results: for all of the items or, if they do not fit, for none.
   *
   * @param items what is asked for
   * @return a future for each, in order; it ends exceptionally as the pass did
   * @throws BusyException if they do not fit
   * @throws StoppingException if the queue is closed
   */
  public synchronized List<CompletableFuture<R>> submit(List<T> items) {
    if (stopping) {
      throw new StoppingException();
    }
    if (waiting.size() + items.size() > capacity) {
      // Those that were given up leave their places first.
      waiting.removeIf(each -> each.future.isDone());
      if (waiting.size() + items.size() > capacity) {
        throw new BusyException(
            "too many views are waiting (" + waiting.size() + " of " + capacity + ")");
      }
    }
    List<CompletableFuture<R>> futures = new ArrayList<>();
    for (T item : items) {
      CompletableFuture<R> future = new CompletableFuture<>();
      waiting.add(new Waiting<>(item, future));
      futures.add(future);
    }
    notifyAll();
    return futures;
  }

  /**
   * Counts what waits.
   *
   * @return items that are in no pass yet
   */
  public synchronized int length() {
    return waiting.size();
  }

  private void work() {
    for (List<Waiting<T, R>> next = take(); !next.isEmpty(); next = take()) {
      run(next);
    }
  }

  /** Waits for items. Returns none at the end. */
  private synchronized List<Waiting<T, R>> take() {
    List<Waiting<T, R>> taken = new ArrayList<>();
    while (taken.isEmpty()) {
      while (waiting.isEmpty() && !stopping) {
        try {
          wait();
        } catch (InterruptedException e) {
          stopping = true;
        }
      }
      if (waiting.isEmpty()) {
        return taken;
      }
      while (!waiting.isEmpty() && taken.size() < batch) {
        Waiting<T, R> next = waiting.remove();
        if (!next.future.isDone()) {
          taken.add(next);
        }
      }
    }
    return taken;
  }

  private void run(List<Waiting<T, R>> items) {
    long start = System.nanoTime();
    try {
      List<R> results = pass.apply(items.stream().map(Waiting::item).toList());
      listener.passed(items.size(), System.nanoTime() - start);
      for (int i = 0; i < items.size(); i++) {
        items.get(i).future.complete(results.get(i));
      }
    } catch (RuntimeException | Error e) {
      if (items.size() == 1) {
        items.get(0).future.completeExceptionally(e);
      } else {
        items.forEach(each -> run(List.of(each)));
      }
    }
  }

  /** Refuses more, lets the running pass end, and ends what waits with an exception. */
  @Override
  public void close() {
    List<Waiting<T, R>> left;
    synchronized (this) {
      stopping = true;
      left = new ArrayList<>(waiting);
      waiting.clear();
      notifyAll();
    }
    left.forEach(each -> each.future.completeExceptionally(new StoppingException()));
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
