package ai.fresnel.cvs.surface;

/** Brings normals to length 1, and finds those that the field does not say from the triangles. */
final class VertexNormals {

  private VertexNormals() {}

  /**
   * Completes normals.
   *
   * @param normals (V, 3), of any length; where the length is 0, the mean of the triangles around,
   *     by area, takes its place
   * @param positions (V, 3)
   * @param indices (T, 3)
   */
  static void complete(float[] normals, float[] positions, int[] indices) {
    boolean missing = false;
    for (int i = 0; i < normals.length; i += 3) {
      missing |= !normalise(normals, i);
    }
    if (!missing) {
      return;
    }
    float[] faces = new float[normals.length];
    for (int t = 0; t < indices.length; t += 3) {
      int a = 3 * indices[t];
      int b = 3 * indices[t + 1];
      int c = 3 * indices[t + 2];
      for (int k = 0; k < 3; k++) {
        int l = (k + 1) % 3;
        int m = (k + 2) % 3;
        double area =
            ((double) positions[b + l] - positions[a + l]) * (positions[c + m] - positions[a + m])
                - ((double) positions[b + m] - positions[a + m])
                    * (positions[c + l] - positions[a + l]);
        for (int corner : new int[] {a, b, c}) {
          faces[corner + k] += (float) area;
        }
      }
    }
    for (int i = 0; i < normals.length; i += 3) {
      if (normals[i] == 0 && normals[i + 1] == 0 && normals[i + 2] == 0) {
        System.arraycopy(faces, i, normals, i, 3);
        if (!normalise(normals, i)) {
          // A fold without an area; any direction is as good.
          normals[i + 2] = 1;
        }
      }
    }
  }

  /** Brings a vector to length 1; sets it to 0 and returns false if it has none. */
  private static boolean normalise(float[] vectors, int at) {
    double x = vectors[at];
    double y = vectors[at + 1];
    double z = vectors[at + 2];
    double length = Math.sqrt(x * x + y * y + z * z);
    boolean known = length > 0 && Double.isFinite(length);
    vectors[at] = known ? (float) (x / length) : 0;
    vectors[at + 1] = known ? (float) (y / length) : 0;
    vectors[at + 2] = known ? (float) (z / length) : 0;
    return known;
  }
}
