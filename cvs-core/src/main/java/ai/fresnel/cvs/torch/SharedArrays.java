package ai.fresnel.cvs.torch;

import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/**
 * Arrays that several threads read until they are closed, such as the weights of a model. libtorch
 * does not protect an array from being freed while an operation reads it: that ends the process.
 * Every reader therefore holds a {@link Use}, and the arrays are freed when the last one ends.
 *
 * <p>{@link #close} refuses new uses from then on, waits for those of other threads and frees the
 * arrays. It does not wait where waiting could last for ever, and the last use frees the arrays
 * instead: if the calling thread holds a use itself (it closes from a callback), or if it is
 * interrupted.
 *
 * <p>Thread-safe.
 */
public final class SharedArrays implements AutoCloseable {

  private final String name;
  private final NDManager manager;

  /** Uses by thread; guarded by {@code this}, as all below. */
  private final Map<Thread, Integer> users = new HashMap<>();

  private boolean closed;
  private boolean freed;

  /**
   * Guards a manager and what it owns.
   *
   * @param name the owner's name for errors, such as {@code synthesizer}
   * @param manager owns the arrays; this object closes it
   */
  public SharedArrays(String name, NDManager manager) {
    this.name = name;
    this.manager = manager;
  }

  /** Keeps the arrays open, and owns the intermediate arrays of one call. */
  public final class Use implements AutoCloseable {

    private final Thread thread = Thread.currentThread();
    private final NDManager scope;
    private boolean ended;

    private Use() {
      scope = manager.newSubManager();
    }

    /**
     * Returns the manager of this use's own arrays.
     *
     * @return a manager on the device of the shared arrays, closed with this use
     */
    public NDManager manager() {
      return scope;
    }

    /**
     * Frees this use's own arrays, and the shared ones if they are closed and this was the last.
     */
    @Override
    public void close() {
      synchronized (SharedArrays.this) {
        if (ended) {
          return;
        }
        ended = true;
      }
      try {
        scope.close();
      } finally {
        end(thread);
      }
    }
  }

  /**
   * Begins a use of the arrays.
   *
   * @return the use; close it on any path
   * @throws IllegalStateException if the arrays are closed; the message names the owner
   */
  public synchronized Use use() {
    if (closed) {
      throw new IllegalStateException(name + " is closed");
    }
    Use use = new Use();
    users.merge(use.thread, 1, Integer::sum);
    return use;
  }

  private synchronized void end(Thread thread) {
    users.computeIfPresent(thread, (t, count) -> count == 1 ? null : count - 1);
    free();
    notifyAll();
  }

  /** Frees the arrays once nobody can use them any more. */
  private void free() {
    if (closed && users.isEmpty() && !freed) {
      freed = true;
      manager.close();
    }
  }

  /**
   * Refuses new uses, waits for the running ones and frees the arrays; see above for when it does
   * not wait. An interrupt is kept. Closing again does nothing but wait.
   */
  @Override
  public synchronized void close() {
    closed = true;
    boolean interrupted = Thread.interrupted();
    while (!users.isEmpty() && !users.containsKey(Thread.currentThread()) && !interrupted) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    free();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
