package ai.fresnel.cvs.train.mesh;

/**
 * Computes missing corner normals, as the mean of the faces around a vertex that meet at less than
 * the crease angle, weighted by area, and orients the normals of the file.
 */
final class CornerNormals {
  /** cos 44°: a cylinder of nine or more sides looks round, a bevelled box keeps its edges. */
  private static final double CREASE_COSINE = Math.cos(Math.toRadians(44));

  /** The most faces around a smoothed vertex; the work grows with the square. */
  private static final int MAX_VALENCE = 200;

  private CornerNormals() {}

  /**
   * Fills in and orients normals.
   *
   * @param normals (T,3,3), zero where missing; replaced by unit vectors on the side of the winding
   * @param indices (T,3)
   * @param face (T,3), cross products of the edges of the triangles, none zero
   * @param vertexCount the number of vertices
   */
  static void complete(float[] normals, int[] indices, float[] face, int vertexCount) {
    int[] start = new int[vertexCount + 1];
    for (int index : indices) {
      start[index + 1]++;
    }
    for (int v = 0; v < vertexCount; v++) {
      start[v + 1] += start[v];
    }
    int[] fill = start.clone();
    int[] around = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      around[fill[indices[i]]++] = i / 3;
    }
    double[] n = new double[3];
    for (int i = 0; i < indices.length; i++) {
      int f = 3 * (i / 3);
      for (int c = 0; c < 3; c++) {
        n[c] = normals[3 * i + c];
      }
      double given = n[0] * n[0] + n[1] * n[1] + n[2] * n[2];
      if (!(given > 1e-12) || !Double.isFinite(given)) {
        smooth(n, face, f, around, start[indices[i]], start[indices[i] + 1]);
      }
      double length = Math.sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
      double side = n[0] * face[f] + n[1] * face[f + 1] + n[2] * face[f + 2] < 0 ? -1 : 1;
      for (int c = 0; c < 3; c++) {
        normals[3 * i + c] = (float) (side * n[c] / length);
      }
    }
  }

  private static void smooth(double[] n, float[] face, int f, int[] around, int from, int to) {
    double x = face[f];
    double y = face[f + 1];
    double z = face[f + 2];
    double own = Math.sqrt(x * x + y * y + z * z);
    n[0] = n[1] = n[2] = 0;
    for (int k = from; k < to && to - from <= MAX_VALENCE; k++) {
      int g = 3 * around[k];
      double gx = face[g];
      double gy = face[g + 1];
      double gz = face[g + 2];
      double dot = x * gx + y * gy + z * gz;
      // A neighbour with the opposite winding counts with the opposite sign.
      if (Math.abs(dot) > CREASE_COSINE * own * Math.sqrt(gx * gx + gy * gy + gz * gz)) {
        double sign = Math.signum(dot);
        n[0] += sign * gx;
        n[1] += sign * gy;
        n[2] += sign * gz;
      }
    }
    if (!(n[0] * n[0] + n[1] * n[1] + n[2] * n[2] > 0)) {
      n[0] = x;
      n[1] = y;
      n[2] = z;
    }
  }
}
