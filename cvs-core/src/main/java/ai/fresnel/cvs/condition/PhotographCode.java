package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The encoded photographs of N objects: computed once for each, shared by all its views.
 *
 * @param parts name to array, (N, ...)
 */
public record PhotographCode(Map<String, NDArray> parts) {

  /** The folded photograph, (N, C·fold², H/fold, W/fold). */
  public static final String PHOTOGRAPH = "photograph";

  /** The image tokens, (N, L, D). */
  public static final String TOKENS = "tokens";

  /** The photograph's embedding, (N, E). */
  public static final String EMBEDDING = "embedding";

  /** The photograph's volume, (N, (1 + features)·slices, H/fold, W/fold). */
  public static final String VOLUME = "volume";

  /**
   * Copies the map.
   *
   * @param parts name to array
   */
  public PhotographCode {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /**
   * Returns a part by its name.
   *
   * @param name the name
   * @return the array
   * @throws IllegalArgumentException if there is no such part
   */
  public NDArray get(String name) {
    NDArray part = parts.get(name);
    if (part == null) {
      throw new IllegalArgumentException(
          "no code \"" + name + "\", expected one of " + parts.keySet());
    }
    return part;
  }

  /**
   * Returns the densities of the photograph's volume.
   *
   * @param manager owns the result
   * @param slices how many the volume has
   * @return (N, slices, H/fold, W/fold)
   * @throws IllegalArgumentException if there is no volume
   */
  public NDArray densities(NDManager manager, int slices) {
    return get(VOLUME).get(manager, new NDIndex(":, 0:{}", slices));
  }

  /**
   * Counts the objects.
   *
   * @return N
   */
  public long size() {
    return parts.values().iterator().next().getShape().get(0);
  }

  /**
   * Returns the shapes of the parts of one object.
   *
   * @return name to shape, without N
   */
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    parts.forEach((name, part) -> shapes.put(name, part.getShape().slice(1)));
    return shapes;
  }

  /**
   * Changes each array in the same way.
   *
   * @param change from an array to what takes its place
   * @return the changed code
   */
  public PhotographCode map(UnaryOperator<NDArray> change) {
    Map<String, NDArray> changed = new LinkedHashMap<>();
    parts.forEach((name, part) -> changed.put(name, change.apply(part)));
    return new PhotographCode(changed);
  }

  /**
   * Returns some of the objects; or one object, as many times.
   *
   * @param manager owns the result
   * @param from the first, inclusive
   * @param to the last, exclusive
   * @return (to - from) objects; where there is only one, all of them are that one
   */
  public PhotographCode rows(NDManager manager, int from, int to) {
    boolean isOne = size() == 1;
    return map(
        part -> {
          NDArray rows = isOne ? repeated(part, to - from) : part.get("{}:{}", from, to);
          rows.attach(manager);
          return rows;
        });
  }

  private static NDArray repeated(NDArray one, int n) {
    long[] shape = one.getShape().getShape().clone();
    shape[0] = n;
    return one.broadcast(new Shape(shape));
  }

  /** Moves all arrays to a manager. */
  void attach(NDManager manager) {
    parts.values().forEach(part -> part.attach(manager));
  }
}
