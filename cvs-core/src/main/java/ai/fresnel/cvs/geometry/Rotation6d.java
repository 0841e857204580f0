package ai.fresnel.cvs.geometry;

/**
 * A rotation as six numbers that vary continuously: the first two columns of R, one after the
 * other.
 *
 * <p>Zhou et al., "On the Continuity of Rotation Representations in Neural Networks" (2019).
 */
public final class Rotation6d {

  /** Least sine of the angle between the columns, and least length, that determine a rotation. */
  private static final double DEGENERATE = 1e-8;

  private Rotation6d() {}

  /**
   * Takes the first two columns of a rotation.
   *
   * @param rotationRowMajor9 R, 9 values row by row
   * @return 6 values: R00, R10, R20, R01, R11, R21
   * @throws IllegalArgumentException if there are not 9 finite values
   */
  public static double[] encode(double[] rotationRowMajor9) {
    Vectors.requireFinite(rotationRowMajor9, 9, "rotation");
    double[] r = rotationRowMajor9;
    return new double[] {r[0], r[3], r[6], r[1], r[4], r[7]};
  }

  /**
   * Makes a rotation from any six numbers by Gram–Schmidt: the first three give the direction of
   * the first column, the last three the half-plane of the second.
   *
   * @param six 6 values, of any scale
   * @return R, 9 values row by row, orthonormal with determinant 1
   * @throws IllegalArgumentException if there are not 6 finite values, or one column is zero or
   *     parallel to the other
   */
  public static double[] decode(double[] six) {
    Vectors.requireFinite(six, 6, "6D rotation");
    double[] first = unit(new double[] {six[0], six[1], six[2]}, "first column");
    double[] second = unit(new double[] {six[3], six[4], six[5]}, "second column");
    double[] across = Vectors.subtract(second, Vectors.scale(first, Vectors.dot(first, second)));
    double sine = Vectors.length(across);
    if (sine < DEGENERATE) {
      throw new IllegalArgumentException(
          "6D rotation has parallel columns, expected two different directions");
    }
    second = Vectors.scale(across, 1 / sine);
    double[] third = Vectors.cross(first, second);
    return new double[] {
      first[0], second[0], third[0], first[1], second[1], third[1], first[2], second[2], third[2]
    };
  }

  private static double[] unit(double[] column, String name) {
    double length = Vectors.length(column);
    if (!(length >= DEGENERATE) || !Double.isFinite(length)) {
      throw new IllegalArgumentException(
          "6D rotation's " + name + " has length " + length + ", expected above " + DEGENERATE);
    }
    return Vectors.scale(column, 1 / length);
  }
}
