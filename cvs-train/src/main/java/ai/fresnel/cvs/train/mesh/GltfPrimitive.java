package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The numbers of one primitive of a glTF mesh, from its accessors or decompressed. Each is read
 * once, however many nodes draw the primitive.
 */
final class GltfPrimitive {

  /**
   * The extension of compressed primitives. Their accessors are empty, so a reader without it sees
   * zeros.
   */
  static final String DRACO = "KHR_draco_mesh_compression";

  static final int TRIANGLES = 4;
  private static final int STRIP = 5;
  private static final int FAN = 6;
  private static final int NONE = -1;

  private final GltfFile file;
  private final GltfBuffers buffers;
  private final JsonValue primitive;
  private final JsonValue attributes;

  /** Null if the primitive is not compressed. */
  private final DracoPrimitive draco;

  private final GltfBuffers.Numbers positions;

  /** Null for each point in turn. */
  private final GltfBuffers.Numbers indices;

  /** Null where the primitive has no such attribute. */
  private final Map<String, GltfBuffers.Numbers> read = new HashMap<>();

  /** (T,3) into {@link #points}; null until they are needed. */
  private int[] corners;

  private int[] points;

  /**
   * Opens a primitive.
   *
   * @param file the file
   * @param buffers its numbers
   * @param primitive a primitive of triangles, see {@link #isSurface}
   */
  GltfPrimitive(GltfFile file, GltfBuffers buffers, JsonValue primitive) throws IOException {
    this.file = file;
    this.buffers = buffers;
    this.primitive = primitive;
    attributes = primitive.get("attributes");
    Optional<JsonValue> compressed = GltfFile.extension(primitive, DRACO);
    draco = compressed.isEmpty() ? null : decode(compressed.get());
    positions = numbers("POSITION");
    if (positions.components() != 3) {
      throw new IOException("positions have " + positions.components() + " components, expected 3");
    }
    int accessor = GltfFile.integer(primitive, "indices", NONE);
    indices =
        draco != null ? draco.indices() : accessor == NONE ? null : buffers.accessor(accessor);
  }

  /** Says whether a primitive has triangles with positions, not points or lines. */
  static boolean isSurface(JsonValue primitive) {
    int mode = GltfFile.integer(primitive, "mode", TRIANGLES);
    return mode >= TRIANGLES
        && mode <= FAN
        && GltfFile.member(primitive.get("attributes"), "POSITION").isPresent();
  }

  private DracoPrimitive decode(JsonValue extension) throws IOException {
    return DracoPrimitive.decode(
        buffers.view(extension.get("bufferView").integer()),
        extension.get("attributes"),
        file.files().budget());
  }

  /** Returns the positions of the points, three numbers each. */
  GltfBuffers.Numbers positions() {
    return positions;
  }

  /** Returns the number of its material; null stands for the default. */
  Integer material() {
    return GltfFile.member(primitive, "material").map(JsonValue::integer).orElse(null);
  }

  /**
   * Returns an attribute of the points.
   *
   * @param attribute its name
   * @param least the least number of components
   * @param most the largest number of components
   * @return as many elements as points or more; null if the primitive has no such attribute
   */
  GltfBuffers.Numbers optional(String attribute, int least, int most) throws IOException {
    if (!read.containsKey(attribute)) {
      boolean given = GltfFile.member(attributes, attribute).isPresent();
      read.put(attribute, given ? checked(numbers(attribute), attribute, least, most) : null);
    }
    return read.get(attribute);
  }

  /** Returns the changes of an attribute by a morph target, three numbers each; or null. */
  GltfBuffers.Numbers target(int index, String attribute) throws IOException {
    String key = index + " " + attribute;
    if (!read.containsKey(key)) {
      List<JsonValue> targets = GltfFile.items(primitive, "targets");
      int accessor =
          index < targets.size() ? GltfFile.integer(targets.get(index), attribute, NONE) : NONE;
      read.put(key, accessor == NONE ? null : checked(buffers.accessor(accessor), attribute, 3, 3));
    }
    return read.get(key);
  }

  private GltfBuffers.Numbers checked(
      GltfBuffers.Numbers numbers, String attribute, int least, int most) throws IOException {
    if (numbers.components() < least
        || numbers.components() > most
        || numbers.count() < positions.count()) {
      throw new IOException(
          String.format(
              "%d elements of %d numbers do not fit as %s of %d points",
              numbers.count(), numbers.components(), attribute, positions.count()));
    }
    return numbers;
  }

  private GltfBuffers.Numbers numbers(String attribute) throws IOException {
    int index = attributes.get(attribute).integer();
    if (draco != null && draco.has(attribute)) {
      return draco.attribute(attribute, GltfFile.flag(file.get("accessors", index), "normalized"));
    }
    return buffers.accessor(index);
  }

  private int mode() {
    return draco != null ? TRIANGLES : GltfFile.integer(primitive, "mode", TRIANGLES);
  }

  private int cornerCount() {
    return indices == null ? positions.count() : indices.count();
  }

  /** Returns the number of triangles, before they are read. */
  int triangleCount() {
    int count = cornerCount();
    return mode() == TRIANGLES ? count / 3 : Math.max(0, count - 2);
  }

  /** Returns the most points that triangles can use. */
  long pointCount() {
    return Math.min(positions.count(), 3L * triangleCount());
  }

  /** Returns the points that triangles use, rising. */
  int[] points() throws IOException {
    readTriangles();
    return points;
  }

  /** Returns the corners of the triangles, (T,3) into {@link #points}. */
  int[] corners() throws IOException {
    readTriangles();
    return corners;
  }

  private void readTriangles() throws IOException {
    if (corners != null) {
      return;
    }
    int mode = mode();
    int[] used = new int[3 * triangleCount()];
    for (int t = 0; t < used.length / 3; t++) {
      for (int k = 0; k < 3; k++) {
        int at = mode == TRIANGLES ? 3 * t + k : mode == FAN && k == 0 ? 0 : t + k;
        long point = indices == null ? at : indices.index(at);
        if (point < 0 || point >= positions.count()) {
          throw new IOException("index " + point + " of " + positions.count() + " vertices");
        }
        used[3 * t + k] = (int) point;
      }
      // Every second triangle of a strip has the opposite winding.
      if (mode == STRIP && t % 2 == 1) {
        int swapped = used[3 * t + 1];
        used[3 * t + 1] = used[3 * t + 2];
        used[3 * t + 2] = swapped;
      }
    }
    points = distinct(used);
    for (int i = 0; i < used.length; i++) {
      used[i] = Arrays.binarySearch(points, used[i]);
    }
    corners = used;
  }

  /** Returns the values in rising order; many primitives may use few points of one accessor. */
  private int[] distinct(int[] values) {
    if (positions.count() > 16L * values.length) {
      return Arrays.stream(values).sorted().distinct().toArray();
    }
    BitSet set = new BitSet(positions.count());
    for (int value : values) {
      set.set(value);
    }
    return set.stream().toArray();
  }
}
