package ai.fresnel.cvs.surface;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The triangles in a cube for each choice of corners that are inside, 2⁸ cases. Corner c is at
 * ({@code c & 1}, {@code c >> 1 & 1}, {@code c >> 2}). Edge e = 4·axis + i leads along an axis.
 *
 * <p>The table is not typed in but follows from two rules, which make the surface of any field
 * closed and manifold:
 *
 * <ul>
 *   <li>On each face, a segment cuts off each run of inside corners. Where two inside corners are
 *       diagonal, both are cut off. The two cubes at a face see the same corners, so they agree.
 *       Segments join to loops, and each edge that is cut belongs to one loop.
 *   <li>No triangle has a side, other than a segment, between two points of one face. The cube
 *       beyond the face could have the same one, and four triangles would meet there. So sides
 *       within a cube are its own.
 * </ul>
 */
final class CubeCases {

  /** The corners at both ends of each edge, the lower first. */
  static final int[][] ENDS = ends();

  /** The corners of each face, anticlockwise seen from outside of the cube. */
  private static final int[][] FACES = {
    {0, 4, 6, 2}, {1, 3, 7, 5}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 2, 3, 1}, {4, 5, 7, 6}
  };

  private static final int EDGES = 12;

  /** The edges whose points are the corners of the triangles, three each, by case. */
  private static final int[][] TRIANGLES = new int[256][];

  static {
    for (int inside = 0; inside < 256; inside++) {
      TRIANGLES[inside] = triangulate(inside);
    }
  }

  private CubeCases() {}

  /**
   * Returns the triangles of a case.
   *
   * @param inside bit c for corner c
   * @return three edges for each triangle, anticlockwise seen from outside of the object; read only
   */
  static int[] triangles(int inside) {
    return TRIANGLES[inside];
  }

  private static int[][] ends() {
    int[][] ends = new int[EDGES][];
    int count = 0;
    for (int axis = 0; axis < 3; axis++) {
      for (int corner = 0; corner < 8; corner++) {
        if ((corner >> axis & 1) == 0) {
          ends[count++] = new int[] {corner, corner | 1 << axis};
        }
      }
    }
    return ends;
  }

  private static int edge(int one, int other) {
    int low = Math.min(one, other);
    int high = Math.max(one, other);
    for (int e = 0; e < EDGES; e++) {
      if (ENDS[e][0] == low && ENDS[e][1] == high) {
        return e;
      }
    }
    throw new IllegalStateException("no edge from corner " + one + " to " + other);
  }

  private static int[] triangulate(int inside) {
    // On each face one walks around the corners: from where one enters the inside, a segment leads
    // to where one leaves it. Beyond the edge, on the next face, one enters where one left here.
    int[] next = new int[EDGES];
    Arrays.fill(next, -1);
    for (int[] face : FACES) {
      for (int i = 0; i < 4; i++) {
        if (isInside(inside, face[i]) || !isInside(inside, face[(i + 1) % 4])) {
          continue;
        }
        int last = i + 1;
        while (isInside(inside, face[(last + 1) % 4])) {
          last++;
        }
        next[edge(face[i], face[(i + 1) % 4])] = edge(face[last % 4], face[(last + 1) % 4]);
      }
    }
    List<Integer> corners = new ArrayList<>();
    for (int start = 0; start < EDGES; start++) {
      List<Integer> loop = new ArrayList<>();
      for (int e = start; next[e] >= 0; ) {
        loop.add(e);
        int following = next[e];
        next[e] = -1;
        e = following;
      }
      if (!loop.isEmpty() && !fill(loop, 0, loop.size() - 1, corners)) {
        throw new IllegalStateException("case " + inside + " has no triangles of its own");
      }
    }
    return corners.stream().mapToInt(Integer::intValue).toArray();
  }

  private static boolean isInside(int inside, int corner) {
    return (inside >> corner & 1) == 1;
  }

  /** Adds triangles that fill the part of a loop between two of its points and their side. */
  private static boolean fill(List<Integer> loop, int first, int last, List<Integer> corners) {
    if (last - first < 2) {
      return true;
    }
    for (int middle = first + 1; middle < last; middle++) {
      if (isSide(loop, first, middle) && isSide(loop, middle, last)) {
        int size = corners.size();
        if (fill(loop, first, middle, corners) && fill(loop, middle, last, corners)) {
          corners.addAll(List.of(loop.get(first), loop.get(middle), loop.get(last)));
          return true;
        }
        corners.subList(size, corners.size()).clear();
      }
    }
    return false;
  }

  /** Says whether a triangle may have the side between two points of a loop. */
  private static boolean isSide(List<Integer> loop, int first, int last) {
    return last - first == 1 || !shareFace(loop.get(first), loop.get(last));
  }

  private static boolean shareFace(int one, int other) {
    for (int[] face : FACES) {
      if (isOn(face, one) && isOn(face, other)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOn(int[] face, int edge) {
    return Arrays.stream(face).anyMatch(corner -> corner == ENDS[edge][0])
        && Arrays.stream(face).anyMatch(corner -> corner == ENDS[edge][1]);
  }
}
