package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names the channels of an array: parts by name that are joined by channel, in order. Immutable.
 *
 * @param widths part to its number of channels, 0 or more, in the order of the channels
 */
public record ChannelLayout(Map<String, Integer> widths) {

  private static final ChannelLayout EMPTY = new ChannelLayout(Map.of());

  /**
   * Copies the widths.
   *
   * @param widths as above
   */
  public ChannelLayout {
    widths = Collections.unmodifiableMap(new LinkedHashMap<>(widths));
  }

  /**
   * Returns the layout without parts.
   *
   * @return no channels
   */
  public static ChannelLayout empty() {
    return EMPTY;
  }

  /**
   * Appends a part.
   *
   * @param name its name
   * @param width its number of channels, 0 or more
   * @return a layout with it at the end
   * @throws IllegalArgumentException if there is a part of that name, or the width is negative
   */
  public ChannelLayout with(String name, int width) {
    if (width < 0 || widths.containsKey(name)) {
      throw new IllegalArgumentException(
          "part " + name + " has " + width + " channels, expected a new part of 0 or more");
    }
    Map<String, Integer> more = new LinkedHashMap<>(widths);
    more.put(name, width);
    return new ChannelLayout(more);
  }

  /**
   * Appends the parts of another layout.
   *
   * @param others parts of other names
   * @return a layout with them at the end
   * @throws IllegalArgumentException if there is a part of one of their names
   */
  public ChannelLayout with(ChannelLayout others) {
    ChannelLayout joined = this;
    for (Map.Entry<String, Integer> part : others.widths.entrySet()) {
      joined = joined.with(part.getKey(), part.getValue());
    }
    return joined;
  }

  /**
   * Returns the number of channels of all parts.
   *
   * @return C
   */
  public int channels() {
    return widths.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * Returns a part of an array. It shares memory with the array, and gradients pass through.
   *
   * @param manager owner of the result
   * @param joined (N, C, ...) with the channels of this layout
   * @param name the part
   * @return (N, width, ...)
   * @throws IllegalArgumentException if there is no such part, or the array has another number of
   *     channels
   */
  public NDArray part(NDManager manager, NDArray joined, String name) {
    requireFits(joined);
    int from = 0;
    for (Map.Entry<String, Integer> part : widths.entrySet()) {
      if (part.getKey().equals(name)) {
        return joined.get(manager, new NDIndex(":, {}:{}", from, from + part.getValue()));
      }
      from += part.getValue();
    }
    throw new IllegalArgumentException("no part " + name + ", expected one of " + widths.keySet());
  }

  /** Refuses an array with another number of channels. */
  void requireFits(NDArray joined) {
    long channels = joined.getShape().get(1);
    if (channels != channels()) {
      throw new IllegalArgumentException(
          "array has " + channels + " channels, expected " + channels() + ": " + widths);
    }
  }
}
