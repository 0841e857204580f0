package ai.fresnel.cvs.train.splat;

/**
 * The rotation of a Gaussian.
 *
 * @param matrix 9 values, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
record Turn(double[] matrix) {

  /** Returns the rotation of quaternion i, w x y z of any length. */
  static Turn of(float[] quaternions, int i) {
    double w = quaternions[4 * i];
    double x = quaternions[4 * i + 1];
    double y = quaternions[4 * i + 2];
    double z = quaternions[4 * i + 3];
    double s = 2 / (w * w + x * x + y * y + z * z);
    return new Turn(
        new double[] {
          1 - s * (y * y + z * z),
          s * (x * y - w * z),
          s * (x * z + w * y),
          s * (x * y + w * z),
          1 - s * (x * x + z * z),
          s * (y * z - w * x),
          s * (x * z - w * y),
          s * (y * z + w * x),
          1 - s * (x * x + y * y)
        });
  }

  /** Returns the turned vector. */
  double[] apply(double[] v) {
    double[] turned = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        turned[row] += matrix[3 * row + column] * v[column];
      }
    }
    return turned;
  }

  /** Returns the vector turned back. */
  double[] undo(double[] v) {
    double[] turned = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        turned[column] += matrix[3 * row + column] * v[row];
      }
    }
    return turned;
  }
}
