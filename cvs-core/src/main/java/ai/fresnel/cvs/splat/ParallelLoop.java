package ai.fresnel.cvs.splat;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Runs independent pieces of work on the calling thread and on threads of the common pool. It needs
 * no closing, and goes on alone if the pool is busy with something else.
 */
public final class ParallelLoop {
  private final IntConsumer body;
  private final int count;
  private final Thread caller = Thread.currentThread();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger finished = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private ParallelLoop(int count, IntConsumer body) {
    this.count = count;
    this.body = body;
  }

  /**
   * Calls a function for each number from 0 up, in no order, and returns after the last call.
   *
   * @param threads the most calls at a time, at least 1
   * @param count the number of calls, 0 or more
   * @param body the function. Its calls must not touch what others write: then results do not
   *     depend on the number of threads
   * @throws RuntimeException if a call does, the first one
   */
  public static void run(int threads, int count, IntConsumer body) {
    int helpers = Math.min(threads, count) - 1;
    if (helpers <= 0) {
      for (int i = 0; i < count; i++) {
        body.accept(i);
      }
      return;
    }
    ParallelLoop loop = new ParallelLoop(count, body);
    for (int i = 0; i < helpers; i++) {
      ForkJoinPool.commonPool().execute(loop::work);
    }
    loop.work();
    loop.await();
  }

  private void work() {
    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
      try {
        if (failure.get() == null) {
          body.accept(i);
        }
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
      } finally {
        if (finished.incrementAndGet() == count) {
          LockSupport.unpark(caller);
        }
      }
    }
  }

  /** Waits for pieces rather than for threads: a helper that never starts holds nothing up. */
  private void await() {
    boolean interrupted = false;
    while (finished.get() < count) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      caller.interrupt();
    }
    if (failure.get() instanceof Error error) {
      throw error;
    }
    if (failure.get() instanceof RuntimeException exception) {
      throw exception;
    }
  }
}
