package ai.fresnel.cvs.train.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a few loaded objects of many and moves through them in a random order, so that memory does
 * not depend on their number. Every {@code stay} samples, the next object replaces the oldest. Each
 * sample draws evenly among the objects in the window.
 *
 * <p>The object of a sample is a pure function of the seed and the number of the sample. Safe for
 * use by several threads that work at about the same place of the series.
 *
 * @param <T> a loaded object
 */
public final class RollingWindow<T> {

  private static final Logger LOG = LoggerFactory.getLogger(RollingWindow.class);

  /** The first index of each group, then the number of objects. */
  private final int[] starts;

  private final int count;
  private final int width;
  private final int stay;
  private final long seed;
  private final Loader<T> loader;
  private final ConcurrentHashMap<Long, FutureTask<T>> loaded = new ConcurrentHashMap<>();
  private final Set<Integer> broken = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<Long, int[]> orders = new ConcurrentHashMap<>();

  /**
   * Loads objects by their index.
   *
   * @param <T> a loaded object
   */
  @FunctionalInterface
  public interface Loader<T> {
    /**
     * Loads an object.
     *
     * @param index from 0 to count − 1
     * @return the object
     * @throws IOException if it cannot be loaded; another object replaces it
     */
    T load(int index) throws IOException;
  }

  /**
   * Makes a window. Loads nothing yet.
   *
   * @param count the number of objects, at least 1
   * @param width how many are in the window, at least 1
   * @param stay samples between two moves, at least 1
   * @param seed decides the order
   * @param loader loads objects, from several threads at once
   */
  public RollingWindow(int count, int width, int stay, long seed, Loader<T> loader) {
    this(ones(count), width, stay, seed, loader);
  }

  /**
   * Makes a window over groups of objects that are best loaded one after another. Groups come in
   * random order, the objects of a group in their own order.
   *
   * @param groups the number of objects of each group, in the order of the indices
   * @param width how many are in the window, at least 1
   * @param stay samples between two moves, at least 1
   * @param seed decides the order
   * @param loader loads objects, from several threads at once
   */
  public RollingWindow(int[] groups, int width, int stay, long seed, Loader<T> loader) {
    starts = new int[groups.length + 1];
    for (int i = 0; i < groups.length; i++) {
      starts[i + 1] = Math.addExact(starts[i], groups[i]);
    }
    count = starts[groups.length];
    if (count < 1 || width < 1 || stay < 1) {
      throw new IllegalArgumentException(
          count + " objects, width " + width + ", stay " + stay + ": expected 1 or more of each");
    }
    this.width = width;
    this.stay = stay;
    this.seed = seed;
    this.loader = loader;
  }

  /**
   * Returns the object of a sample.
   *
   * @param sample its number, 0 or more
   * @param draws the seed of the sample
   * @return the object
   * @throws IllegalStateException if no object at all can be loaded
   */
  public T get(long sample, long draws) {
    long first = sample / stay;
    loaded.keySet().removeIf(visit -> visit < first - width);
    long visit = first + SplitMix64.draw(draws, 0, width);
    // The next object replaces one that cannot be loaded; two rounds hold every object.
    for (int i = 0; i < 2 * count; i++) {
      T object = load(visit + i);
      if (object != null) {
        return object;
      }
    }
    throw new IllegalStateException("none of " + count + " objects can be loaded");
  }

  private T load(long visit) {
    FutureTask<T> task = loaded.computeIfAbsent(visit, v -> new FutureTask<>(() -> tryLoad(v)));
    task.run();
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while loading an object", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private T tryLoad(long visit) {
    int index = order(visit / count)[(int) (visit % count)];
    try {
      return loader.load(index);
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      if (broken.add(index)) {
        LOG.warn("left out: {}", e.getMessage() == null ? e.toString() : e.getMessage());
      }
      return null;
    }
  }

  private static int[] ones(int count) {
    int[] ones = new int[Math.max(0, count)];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Returns the order of one round through all objects, a Fisher-Yates shuffle of the groups. */
  private int[] order(long round) {
    orders.keySet().removeIf(old -> old < round - 1);
    return orders.computeIfAbsent(
        round,
        r -> {
          int groups = starts.length - 1;
          int[] order = new int[groups];
          long stream = SplitMix64.draw(seed, r);
          for (int i = 0; i < groups; i++) {
            int j = SplitMix64.draw(stream, i, i + 1);
            order[i] = order[j];
            order[j] = i;
          }
          int[] objects = new int[count];
          int at = 0;
          for (int group : order) {
            for (int object = starts[group]; object < starts[group + 1]; object++) {
              objects[at++] = object;
            }
          }
          return objects;
        });
  }
}
