package ai.fresnel.cvs.surface;

import java.util.Objects;

/**
 * A field on the nodes of a regular grid: a density or an opacity, high inside an object, with
 * colours. Node (x, y, z) is at {@code origin + step · (x, y, z)} and has the number {@code x +
 * width · (y + height · z)}.
 *
 * @param width nodes along x, 2 to 1024
 * @param height nodes along y, 2 to 1024
 * @param depth nodes along z, 2 to 1024; 2²⁷ nodes in all at most
 * @param step distance of neighbouring nodes in world units, above 0
 * @param origin (3), the first node in world units
 * @param values (N), finite, one for each node; not copied
 * @param colours (N, 3), sRGB from 0 to 1; not copied. Where colours are mixed, each counts as much
 *     as its value: nodes with values of 0 or less have none
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares fields.
public record FieldGrid(
    int width,
    int height,
    int depth,
    double step,
    double[] origin,
    float[] values,
    float[] colours) {

  /** The most nodes along an axis. */
  public static final int MAX_SIDE = 1024;

  private static final long MAX_NODES = 1L << 27;

  /**
   * Checks the field.
   *
   * @param width as above
   * @param height as above
   * @param depth as above
   * @param step as above
   * @param origin as above
   * @param values as above
   * @param colours as above
   * @throws IllegalArgumentException naming what is out of its range or not finite
   */
  public FieldGrid {
    long nodes = count(width, height, depth);
    if (!(step > 0) || !Double.isFinite(step)) {
      throw new IllegalArgumentException("step of a grid is " + step + ", expected above 0");
    }
    requireLength(Objects.requireNonNull(origin, "origin is null").length, "origin", 3);
    requireLength(Objects.requireNonNull(values, "values is null").length, "values", nodes);
    requireLength(Objects.requireNonNull(colours, "colours is null").length, "colours", 3 * nodes);
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "value of node " + i + " is " + values[i] + ", expected a finite number");
      }
    }
  }

  /**
   * Counts the nodes of a grid.
   *
   * @param width nodes along x
   * @param height nodes along y
   * @param depth nodes along z
   * @return their number
   * @throws IllegalArgumentException if a side or the number is out of its range
   */
  static int count(int width, int height, int depth) {
    for (int side : new int[] {width, height, depth}) {
      if (side < 2 || side > MAX_SIDE) {
        throw new IllegalArgumentException(
            side + " nodes along a side of a grid, expected 2 to " + MAX_SIDE);
      }
    }
    long nodes = (long) width * height * depth;
    if (nodes > MAX_NODES) {
      throw new IllegalArgumentException(nodes + " nodes, expected at most " + MAX_NODES);
    }
    return (int) nodes;
  }

  private static void requireLength(int length, String name, long expected) {
    if (length != expected) {
      throw new IllegalArgumentException(name + " has " + length + " values, expected " + expected);
    }
  }

  /**
   * Fills cavities, which nobody sees, and removes specks, which no object is.
   *
   * @param level of the surface: what is above it is inside
   * @param speck parts of fewer nodes than this share of the largest part are removed, 0 to 1
   * @return a field whose surface at the level has neither
   */
  public FieldGrid cleaned(float level, double speck) {
    return FieldParts.clean(this, level, speck);
  }

  /** Returns the number of a node. */
  int node(int x, int y, int z) {
    return x + width * (y + height * z);
  }

  /** Says whether there is a node of these numbers. */
  boolean has(int x, int y, int z) {
    return x >= 0 && y >= 0 && z >= 0 && x < width && y < height && z < depth;
  }

  /** Says whether a node is one of the outermost. */
  boolean isOutermost(int x, int y, int z) {
    return x == 0 || y == 0 || z == 0 || x == width - 1 || y == height - 1 || z == depth - 1;
  }
}
