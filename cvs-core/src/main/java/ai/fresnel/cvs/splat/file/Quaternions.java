package ai.fresnel.cvs.splat.file;

/** Quaternions of length 1. */
final class Quaternions {

  private Quaternions() {}

  /** Returns four numbers, not all 0, from an array at length 1. */
  static double[] unit(float[] values, int start) {
    double[] q = new double[4];
    double square = 0;
    for (int c = 0; c < 4; c++) {
      q[c] = values[start + c];
      square += q[c] * q[c];
    }
    double length = Math.sqrt(square);
    for (int c = 0; c < 4; c++) {
      q[c] /= length;
    }
    return q;
  }
}
