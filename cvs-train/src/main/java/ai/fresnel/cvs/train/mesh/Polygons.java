package ai.fresnel.cvs.train.mesh;

/** Triangulates the flat polygons of a mesh, also concave ones, by ear clipping. */
final class Polygons {
  /**
   * The most corners for ear clipping, whose work is quadratic to cubic; larger polygons become
   * fans.
   */
  private static final int MAX_EARS = 256;

  /** The most tests of a corner against an ear, about a second; then polygons become fans. */
  private static final long MAX_TESTS = 100_000_000;

  private long tests;

  /**
   * Triangulates a polygon.
   *
   * @param xyz (n,3) corners in order, n at least 3
   * @return (n-2,3) indices into the corners
   */
  int[] triangulate(double[] xyz) {
    int n = xyz.length / 3;
    int[] result = new int[3 * (n - 2)];
    int[] ring = new int[n];
    for (int i = 0; i < n; i++) {
      ring[i] = i;
    }
    double[] flat = n > 3 && n <= MAX_EARS && tests < MAX_TESTS ? project(xyz) : null;
    int out = 0;
    int left = n;
    while (left > 3 && flat != null) {
      int ear = findEar(flat, ring, left);
      if (ear < 0) {
        break;
      }
      result[out++] = ring[(ear + left - 1) % left];
      result[out++] = ring[ear];
      result[out++] = ring[(ear + 1) % left];
      System.arraycopy(ring, ear + 1, ring, ear, left - ear - 1);
      left--;
    }
    for (int i = 1; i + 1 < left; i++) {
      result[out++] = ring[0];
      result[out++] = ring[i];
      result[out++] = ring[i + 1];
    }
    return result;
  }

  /** Projects onto the coordinate plane most parallel to Newell's normal, anticlockwise. */
  private static double[] project(double[] p) {
    int n = p.length / 3;
    double[] normal = new double[3];
    for (int i = 0; i < n; i++) {
      int a = 3 * i;
      int b = 3 * ((i + 1) % n);
      for (int c = 0; c < 3; c++) {
        int d = (c + 1) % 3;
        int e = (c + 2) % 3;
        normal[c] += (p[a + d] - p[b + d]) * (p[a + e] + p[b + e]);
      }
    }
    int axis = 0;
    for (int c = 1; c < 3; c++) {
      axis = Math.abs(normal[c]) > Math.abs(normal[axis]) ? c : axis;
    }
    int first = normal[axis] > 0 ? (axis + 1) % 3 : (axis + 2) % 3;
    int second = normal[axis] > 0 ? (axis + 2) % 3 : (axis + 1) % 3;
    double[] flat = new double[2 * n];
    for (int i = 0; i < n; i++) {
      flat[2 * i] = p[3 * i + first];
      flat[2 * i + 1] = p[3 * i + second];
    }
    return flat;
  }

  private int findEar(double[] p, int[] ring, int left) {
    for (int i = 0; i < left; i++) {
      int a = ring[(i + left - 1) % left];
      int b = ring[i];
      int c = ring[(i + 1) % left];
      if (cross(p, a, b, c) <= 0) {
        continue;
      }
      boolean empty = true;
      tests += left;
      for (int j = 0; j < left && empty; j++) {
        int q = ring[j];
        empty =
            q == a
                || q == b
                || q == c
                || cross(p, a, b, q) < 0
                || cross(p, b, c, q) < 0
                || cross(p, c, a, q) < 0;
      }
      if (empty) {
        return i;
      }
    }
    return -1;
  }

  private static double cross(double[] p, int a, int b, int c) {
    return (p[2 * b] - p[2 * a]) * (p[2 * c + 1] - p[2 * a + 1])
        - (p[2 * b + 1] - p[2 * a + 1]) * (p[2 * c] - p[2 * a]);
  }
}
