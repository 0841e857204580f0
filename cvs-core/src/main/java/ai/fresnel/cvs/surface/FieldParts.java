package ai.fresnel.cvs.surface;

import java.util.Arrays;

/**
 * The connected parts of a field above and below a level, as {@link MarchingCubes} connects them:
 * inside nodes along the axes, outside nodes across the diagonals of faces, too.
 */
final class FieldParts {

  /** The part of the air around. */
  private static final int OPEN = 1;

  private final FieldGrid field;
  private final float level;

  /** Which part each node belongs to; 0 for none yet. */
  private final int[] parts;

  private int[] queue = new int[1024];

  private FieldParts(FieldGrid field, float level) {
    this.field = field;
    this.level = level;
    parts = new int[field.values().length];
  }

  /**
   * Fills cavities, which nobody sees, and removes specks, which no object is.
   *
   * @param field not changed
   * @param level of the surface
   * @param speck parts of fewer nodes than this share of the largest part are removed, 0 to 1
   * @return a field whose surface has neither
   */
  static FieldGrid clean(FieldGrid field, float level, double speck) {
    return new FieldParts(field, level).cleaned(speck);
  }

  private FieldGrid cleaned(double speck) {
    float[] values = field.values().clone();
    // The outermost nodes are outside, whatever their values.
    for (int node = 0; node < values.length; node++) {
      if (parts[node] == 0 && isOutermost(node)) {
        flood(node, OPEN);
      }
    }
    // Whatever the open air does not reach belongs to the part around it.
    int count = OPEN;
    int[] sizes = new int[64];
    for (int node = 0; node < values.length; node++) {
      if (parts[node] == 0) {
        count++;
        sizes = count < sizes.length ? sizes : Arrays.copyOf(sizes, 2 * sizes.length);
        sizes[count] = flood(node, count);
      }
    }
    int largest = Arrays.stream(sizes).max().orElse(0);
    for (int node = 0; node < values.length; node++) {
      boolean open = parts[node] == OPEN;
      if (!open && sizes[parts[node]] < speck * largest) {
        values[node] = Math.min(level, values[node]);
      } else if (!open && !isInside(node)) {
        values[node] = Math.max(Math.nextUp(level), 2 * level - values[node]);
      }
    }
    return new FieldGrid(
        field.width(),
        field.height(),
        field.depth(),
        field.step(),
        field.origin(),
        values,
        field.colours());
  }

  private boolean isInside(int node) {
    return field.values()[node] > level && !isOutermost(node);
  }

  private boolean isOutermost(int node) {
    int row = node / field.width();
    return field.isOutermost(node % field.width(), row % field.height(), row / field.height());
  }

  /** Gives a part's number to all nodes that are connected to one; returns how many. */
  private int flood(int start, int part) {
    int size = 0;
    int waiting = 1;
    queue[0] = start;
    parts[start] = part;
    while (waiting > 0) {
      int node = queue[--waiting];
      size++;
      int row = node / field.width();
      int x = node % field.width();
      int y = row % field.height();
      int z = row / field.height();
      for (int k = 0; k < 27; k++) {
        int dx = k % 3 - 1;
        int dy = k / 3 % 3 - 1;
        int dz = k / 9 - 1;
        int distance = Math.abs(dx) + Math.abs(dy) + Math.abs(dz);
        if (distance == 0
            || distance > (part == OPEN ? 2 : 1)
            || !field.has(x + dx, y + dy, z + dz)) {
          continue;
        }
        int next = field.node(x + dx, y + dy, z + dz);
        if (parts[next] == 0 && !(part == OPEN && isInside(next))) {
          if (waiting == queue.length) {
            queue = Arrays.copyOf(queue, 2 * queue.length);
          }
          parts[next] = part;
          queue[waiting++] = next;
        }
      }
    }
    return size;
  }
}
