package ai.fresnel.cvs.train.eval;

/**
 * Computes the map of structural similarity (Wang et al. 2004, equation 13) of one channel, with
 * the Gaussian window of the paper, 11×11 with sigma 1.5, K1 = 0.01 and K2 = 0.03. Beyond the
 * frame, images are mirrored with the edge repeated, as in scikit-image.
 */
final class Ssim {

  /** The radius of the window in pixels. */
  static final int RADIUS = 5;

  private static final double SIGMA = 1.5;
  private static final double C1 = square(0.01 * ImageMetrics.DATA_RANGE);
  private static final double C2 = square(0.03 * ImageMetrics.DATA_RANGE);
  private static final double[] WINDOW = window();

  private Ssim() {}

  /** Compares the planes at an offset of both arrays. Returns height * width values. */
  static double[] map(float[] a, float[] b, int offset, int height, int width) {
    if (Math.min(height, width) < 2 * RADIUS + 1) {
      throw new IllegalArgumentException(
          "SSIM needs images of 11x11 or more, got " + height + "x" + width);
    }
    int plane = height * width;
    double[] x = new double[plane];
    double[] y = new double[plane];
    double[] xx = new double[plane];
    double[] yy = new double[plane];
    double[] xy = new double[plane];
    for (int i = 0; i < plane; i++) {
      x[i] = a[offset + i];
      y[i] = b[offset + i];
      xx[i] = x[i] * x[i];
      yy[i] = y[i] * y[i];
      xy[i] = x[i] * y[i];
    }
    double[] scratch = new double[plane];
    for (double[] image : new double[][] {x, y, xx, yy, xy}) {
      blur(image, scratch, height, width);
    }
    double[] map = new double[plane];
    for (int i = 0; i < plane; i++) {
      double squares = x[i] * x[i] + y[i] * y[i];
      double covariance = xy[i] - x[i] * y[i];
      double variances = xx[i] + yy[i] - squares;
      map[i] = (2 * x[i] * y[i] + C1) * (2 * covariance + C2) / ((squares + C1) * (variances + C2));
    }
    return map;
  }

  /** Filters with the window in place: along x into the scratch array, along y back. */
  private static void blur(double[] image, double[] scratch, int height, int width) {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double sum = 0;
        for (int k = -RADIUS; k <= RADIUS; k++) {
          sum += WINDOW[k + RADIUS] * image[y * width + mirror(x + k, width)];
        }
        scratch[y * width + x] = sum;
      }
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double sum = 0;
        for (int k = -RADIUS; k <= RADIUS; k++) {
          sum += WINDOW[k + RADIUS] * scratch[mirror(y + k, height) * width + x];
        }
        image[y * width + x] = sum;
      }
    }
  }

  /** Mirrors an index that is up to one length outside: -1 becomes 0, n becomes n - 1. */
  private static int mirror(int i, int n) {
    if (i < 0) {
      return -1 - i;
    }
    return i < n ? i : 2 * n - 1 - i;
  }

  private static double[] window() {
    double[] window = new double[2 * RADIUS + 1];
    double sum = 0;
    for (int k = -RADIUS; k <= RADIUS; k++) {
      window[k + RADIUS] = Math.exp(-k * k / (2 * SIGMA * SIGMA));
      sum += window[k + RADIUS];
    }
    for (int i = 0; i < window.length; i++) {
      window[i] /= sum;
    }
    return window;
  }

  private static double square(double value) {
    return value * value;
  }
}
