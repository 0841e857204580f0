package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.SphericalHarmonics;

/**
 * Turns clouds about the origin: positions and quaternions, and the harmonics with them, so that
 * the cloud seen from a camera that is turned with it has the same image.
 *
 * <p>Harmonics of one degree turn into each other. Their matrix A follows from what it must do:
 * with the harmonics Y at some directions d in the rows of a matrix, Y(R·d)·A = Y(d).
 */
final class CloudRotation {

  /** Numbers this near to a whole one are it, so that turns by 90 degrees only permute degree 1. */
  private static final double ROUNDING = 1e-12;

  private static final double GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

  private final double w;
  private final double x;
  private final double y;
  private final double z;

  /** (3,3), row by row. */
  private final double[] matrix;

  /**
   * Makes a rotation.
   *
   * @param w of a quaternion of length 1
   * @param x likewise
   * @param y likewise
   * @param z likewise
   */
  CloudRotation(double w, double x, double y, double z) {
    this.w = w;
    this.x = x;
    this.y = y;
    this.z = z;
    matrix =
        new double[] {
          1 - 2 * (y * y + z * z),
          2 * (x * y - w * z),
          2 * (x * z + w * y),
          2 * (x * y + w * z),
          1 - 2 * (x * x + z * z),
          2 * (y * z - w * x),
          2 * (x * z - w * y),
          2 * (y * z + w * x),
          1 - 2 * (x * x + y * y)
        };
    round(matrix);
  }

  /** Returns the turned cloud. */
  GaussianCloud apply(GaussianCloud cloud) {
    GaussianArrays arrays = cloud.arrays();
    float[] means = arrays.means();
    for (int i = 0; i < means.length; i += 3) {
      double[] turned = turn(means[i], means[i + 1], means[i + 2]);
      for (int c = 0; c < 3; c++) {
        means[i + c] = (float) turned[c];
      }
    }
    float[] q = arrays.rotations();
    for (int i = 0; i < q.length; i += 4) {
      double qw = q[i];
      double qx = q[i + 1];
      double qy = q[i + 2];
      double qz = q[i + 3];
      q[i] = (float) (w * qw - x * qx - y * qy - z * qz);
      q[i + 1] = (float) (w * qx + x * qw + y * qz - z * qy);
      q[i + 2] = (float) (w * qy - x * qz + y * qw + z * qx);
      q[i + 3] = (float) (w * qz + x * qy - y * qx + z * qw);
    }
    for (int degree = 1; degree <= arrays.shDegree(); degree++) {
      turnHarmonics(arrays, degree);
    }
    return GaussianCloud.of(arrays);
  }

  private double[] turn(double px, double py, double pz) {
    return new double[] {
      matrix[0] * px + matrix[1] * py + matrix[2] * pz,
      matrix[3] * px + matrix[4] * py + matrix[5] * pz,
      matrix[6] * px + matrix[7] * py + matrix[8] * pz
    };
  }

  private void turnHarmonics(GaussianArrays arrays, int degree) {
    double[] band = band(degree);
    int count = 2 * degree + 1;
    int each = 3 * GaussianArrays.harmonics(arrays.shDegree());
    float[] sh = arrays.sh();
    double[] turned = new double[count];
    for (int i = 0; i < arrays.size(); i++) {
      int first = i * each + 3 * degree * degree;
      for (int c = 0; c < 3; c++) {
        for (int row = 0; row < count; row++) {
          double sum = 0;
          for (int column = 0; column < count; column++) {
            sum += band[row * count + column] * sh[first + 3 * column + c];
          }
          turned[row] = sum;
        }
        for (int row = 0; row < count; row++) {
          sh[first + 3 * row + c] = (float) turned[row];
        }
      }
    }
  }

  /** Returns the matrix of the harmonics of one degree, (2·degree + 1)² numbers row by row. */
  private double[] band(int degree) {
    int count = 2 * degree + 1;
    double[][] rows = new double[count][2 * count];
    for (int i = 0; i < count; i++) {
      // A spiral over half of the sphere: harmonics of one degree say the same of the other half,
      // or the opposite.
      double height = 1 - (i + 0.5) / count;
      double radius = Math.sqrt(1 - height * height);
      double[] d = {
        radius * Math.cos(GOLDEN_ANGLE * i), radius * Math.sin(GOLDEN_ANGLE * i), height
      };
      System.arraycopy(harmonics(degree, turn(d[0], d[1], d[2])), 0, rows[i], 0, count);
      System.arraycopy(harmonics(degree, d), 0, rows[i], count, count);
    }
    double[] band = solve(rows);
    round(band);
    return band;
  }

  private static double[] harmonics(int degree, double[] d) {
    double[] basis = new double[GaussianArrays.harmonics(degree)];
    SphericalHarmonics.evaluate(degree, d[0], d[1], d[2], basis);
    double[] own = new double[2 * degree + 1];
    System.arraycopy(basis, degree * degree, own, 0, own.length);
    return own;
  }

  /** Solves L·A = R by Gauss and Jordan's elimination; each row holds L's and then R's. */
  private static double[] solve(double[][] rows) {
    int count = rows.length;
    for (int column = 0; column < count; column++) {
      int pivot = column;
      for (int row = column + 1; row < count; row++) {
        if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) {
          pivot = row;
        }
      }
      double[] swapped = rows[pivot];
      rows[pivot] = rows[column];
      rows[column] = swapped;
      for (int row = 0; row < count; row++) {
        if (row != column) {
          double factor = rows[row][column] / swapped[column];
          for (int k = column; k < 2 * count; k++) {
            rows[row][k] -= factor * swapped[k];
          }
        }
      }
    }
    double[] solution = new double[count * count];
    for (int row = 0; row < count; row++) {
      for (int column = 0; column < count; column++) {
        solution[row * count + column] = rows[row][count + column] / rows[row][row];
      }
    }
    return solution;
  }

  private static void round(double[] values) {
    for (int i = 0; i < values.length; i++) {
      double whole = Math.rint(values[i]);
      if (Math.abs(values[i] - whole) < ROUNDING) {
        values[i] = whole + 0.0; // No -0.
      }
    }
  }
}
