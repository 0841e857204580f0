package ai.fresnel.cvs.geometry;

import java.util.Objects;

/** Linear algebra of 3-vectors and row-major 3×3 matrices. Results are new arrays. */
public final class Vectors {

  private Vectors() {}

  /**
   * Returns the scalar product.
   *
   * @param a 3 values
   * @param b 3 values
   * @return a·b
   */
  public static double dot(double[] a, double[] b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  }

  /**
   * Returns the Euclidean length.
   *
   * @param a 3 values
   * @return |a|
   */
  public static double length(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  /**
   * Returns a multiple.
   *
   * @param a 3 values
   * @param factor any
   * @return 3 values
   */
  public static double[] scale(double[] a, double factor) {
    return new double[] {a[0] * factor, a[1] * factor, a[2] * factor};
  }

  /**
   * Returns the vector of length 1 in the same direction.
   *
   * @param a 3 values, not all 0
   * @return 3 values
   */
  public static double[] unit(double[] a) {
    return scale(a, 1 / length(a));
  }

  /**
   * Returns a difference.
   *
   * @param a 3 values
   * @param b 3 values
   * @return a − b
   */
  public static double[] subtract(double[] a, double[] b) {
    return new double[] {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  }

  /**
   * Returns the vector product.
   *
   * @param a 3 values
   * @param b 3 values
   * @return a × b
   */
  public static double[] cross(double[] a, double[] b) {
    return new double[] {
      a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    };
  }

  /**
   * Returns m·v.
   *
   * @param m 9 values, row by row
   * @param v 3 values
   * @return 3 values
   */
  public static double[] multiply(double[] m, double[] v) {
    return new double[] {
      m[0] * v[0] + m[1] * v[1] + m[2] * v[2],
      m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
      m[6] * v[0] + m[7] * v[1] + m[8] * v[2]
    };
  }

  /**
   * Returns mᵀ·v.
   *
   * @param m 9 values, row by row
   * @param v 3 values
   * @return 3 values
   */
  public static double[] multiplyTransposed(double[] m, double[] v) {
    return new double[] {
      m[0] * v[0] + m[3] * v[1] + m[6] * v[2],
      m[1] * v[0] + m[4] * v[1] + m[7] * v[2],
      m[2] * v[0] + m[5] * v[1] + m[8] * v[2]
    };
  }

  /** Returns a·bᵀ. */
  static double[] multiplyByTransposed(double[] a, double[] b) {
    double[] product = new double[9];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        product[3 * row + column] =
            a[3 * row] * b[3 * column]
                + a[3 * row + 1] * b[3 * column + 1]
                + a[3 * row + 2] * b[3 * column + 2];
      }
    }
    return product;
  }

  static double determinant(double[] m) {
    return m[0] * (m[4] * m[8] - m[5] * m[7])
        - m[1] * (m[3] * m[8] - m[5] * m[6])
        + m[2] * (m[3] * m[7] - m[4] * m[6]);
  }

  /**
   * Refuses arrays of another length or with values that are not finite; {@code what} names them.
   */
  static void requireFinite(double[] values, int expectedLength, String what) {
    Objects.requireNonNull(values, what + " is null");
    if (values.length != expectedLength) {
      throw new IllegalArgumentException(
          what + " has " + values.length + " values, expected " + expectedLength);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            what + " value " + i + " is " + values[i] + ", expected a finite number");
      }
    }
  }
}
