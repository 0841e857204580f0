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
 * A few loaded objects out of many, moving through them in a random order: memory does not depend
 * on how many there are. Every {@code stay} samples the object that has been there longest makes
 * room for the next; each sample draws evenly among those in the window.
 *
 * <p>Which object a sample gets is a pure function of the seed and the sample's number. Safe for
 * use by many threads that work at about the same place of the series.
 *
 * @param <T> a loaded object
 */
public final class RollingWindow<T> {

  private static final Logger LOG = LoggerFactory.getLogger(RollingWindow.class);

  /** Where each group begins, and after the last how many objects there are. */
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
     * @throws IOException if it cannot be used; another takes its place
     */
    T load(int index) throws IOException;
  }

  /**
   * Makes a window; nothing is loaded yet.
   *
   * @param count how many objects there are, at least 1
   * @param width how many are in the window, at least 1
   * @param stay samples between two moves, at least 1
   * @param seed decides the order
   * @param loader loads objects, from several threads at once
   */
  public RollingWindow(int count, int width, int stay, long seed, Loader<T> loader) {
    this(ones(count), width, stay, seed, loader);
  }

  /**
   * Makes a window over groups of objects that are best loaded one after another: groups come in a
   * random order, their objects in their own.
   *
   * @param groups how many objects each has, in the order of the indices
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
   * Returns a sample's object.
   *
   * @param sample its number, 0 or more
   * @param draws a seed of the sample's own
   * @return the object
   * @throws IllegalStateException if no object at all can be loaded
   */
  public T get(long sample, long draws) {
    long first = sample / stay;
    loaded.keySet().removeIf(visit -> visit < first - width);
    long visit = first + SplitMix64.draw(draws, 0, width);
    // What cannot be loaded leaves its turns to those after it; two rounds hold every object.
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
    } catch (IOException | RuntimeException e) {
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

  /** The order of one round through all objects: Fisher and Yates's shuffle of the groups. */
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
