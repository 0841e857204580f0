package ai.fresnel.cvs.train.stereo;

/**
 * Normalised cross-correlation of two images in a window around each pixel. Brightness and contrast
 * do not count, so that photographs of different exposure compare. Not for several threads.
 */
final class WindowCorrelation {

  /** Pixels on each side of the middle of a window. */
  private static final int RADIUS = 3;

  /** The share of a window that both images must know. */
  private static final double LEAST_KNOWN = 0.5;

  /** Windows of less variance show nothing but noise. */
  private static final double LEAST_VARIANCE = 1e-4;

  /** Sums: 1, a, b, a², b², ab. */
  private static final int SUMS = 6;

  private final int width;
  private final int height;

  /** Sums over everything above and left of a corner: (height + 1, width + 1, 6). */
  private final double[] integral;

  WindowCorrelation(int width, int height) {
    this.width = width;
    this.height = height;
    integral = new double[SUMS * (width + 1) * (height + 1)];
  }

  /**
   * Correlates.
   *
   * @param a (height, width); NaN is not known
   * @param b the same
   * @param result (height, width), -1 to 1; NaN where a window tells nothing
   */
  void of(float[] a, float[] b, float[] result) {
    integrate(a, b);
    double[] sum = new double[SUMS];
    for (int row = 0; row < height; row++) {
      int top = Math.max(0, row - RADIUS);
      int bottom = Math.min(height, row + RADIUS + 1);
      for (int column = 0; column < width; column++) {
        int left = Math.max(0, column - RADIUS);
        int right = Math.min(width, column + RADIUS + 1);
        for (int k = 0; k < SUMS; k++) {
          sum[k] =
              at(bottom, right, k) - at(top, right, k) - at(bottom, left, k) + at(top, left, k);
        }
        result[row * width + column] = correlation(sum);
      }
    }
  }

  private static float correlation(double[] sum) {
    double n = sum[0];
    double side = 2 * RADIUS + 1;
    if (n < LEAST_KNOWN * side * side) {
      return Float.NaN;
    }
    double varianceA = sum[3] / n - sum[1] / n * (sum[1] / n);
    double varianceB = sum[4] / n - sum[2] / n * (sum[2] / n);
    if (varianceA < LEAST_VARIANCE || varianceB < LEAST_VARIANCE) {
      return Float.NaN;
    }
    double covariance = sum[5] / n - sum[1] / n * (sum[2] / n);
    return (float) (covariance / Math.sqrt(varianceA * varianceB));
  }

  private double at(int row, int column, int k) {
    return integral[SUMS * (row * (width + 1) + column) + k];
  }

  private void integrate(float[] a, float[] b) {
    double[] row = new double[SUMS];
    for (int y = 0; y < height; y++) {
      java.util.Arrays.fill(row, 0);
      for (int x = 0; x < width; x++) {
        double first = a[y * width + x];
        double second = b[y * width + x];
        if (!Double.isNaN(first + second)) {
          row[0]++;
          row[1] += first;
          row[2] += second;
          row[3] += first * first;
          row[4] += second * second;
          row[5] += first * second;
        }
        int to = SUMS * ((y + 1) * (width + 1) + x + 1);
        for (int k = 0; k < SUMS; k++) {
          integral[to + k] = integral[to - SUMS * (width + 1) + k] + row[k];
        }
      }
    }
  }
}
