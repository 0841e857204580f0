package ai.fresnel.cvs.encoder;

import ai.fresnel.cvs.nn.SlowTensor;

/** Bicubic interpolation of (N, C, H, H), written from its formulas. */
final class SlowResize {

  private SlowResize() {}

  /** Keys' cubic convolution kernel. */
  private static double cubic(double distance, double a) {
    double d = Math.abs(distance);
    if (d < 1) {
      return (a + 2) * d * d * d - (a + 3) * d * d + 1;
    }
    return d < 2 ? a * (d * d * d - 5 * d * d + 8 * d - 4) : 0;
  }

  /**
   * Four samples around each point, a = -0.75, half-pixel centres, the border repeated.
   *
   * @param step input pixels an output pixel
   */
  static SlowTensor interpolated(SlowTensor x, int size, double step) {
    int in = x.size(2);
    double[][] weights = new double[size][in];
    for (int i = 0; i < size; i++) {
      double centre = (i + 0.5) * step - 0.5;
      int base = (int) Math.floor(centre);
      for (int k = base - 1; k <= base + 2; k++) {
        weights[i][Math.min(Math.max(k, 0), in - 1)] += cubic(centre - k, -0.75);
      }
    }
    return separable(x, weights);
  }

  /** A kernel as wide as an output pixel where it shrinks, a = -0.5, cut off at the border. */
  static SlowTensor antialiased(SlowTensor x, int size) {
    int in = x.size(2);
    double step = (double) in / size;
    double stretch = Math.max(step, 1);
    double[][] weights = new double[size][in];
    for (int i = 0; i < size; i++) {
      double total = 0;
      for (int k = 0; k < in; k++) {
        weights[i][k] = cubic((k + 0.5 - (i + 0.5) * step) / stretch, -0.5);
        total += weights[i][k];
      }
      for (int k = 0; k < in; k++) {
        weights[i][k] /= total;
      }
    }
    return separable(x, weights);
  }

  private static SlowTensor separable(SlowTensor x, double[][] weights) {
    int size = weights.length;
    int planes = x.size(0) * x.size(1);
    int in = x.size(2);
    double[] out = new double[planes * size * size];
    for (int p = 0; p < planes; p++) {
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          double sum = 0;
          for (int y = 0; y < in; y++) {
            for (int xx = 0; xx < in; xx++) {
              sum += weights[i][y] * weights[j][xx] * x.values()[(p * in + y) * in + xx];
            }
          }
          out[(p * size + i) * size + j] = sum;
        }
      }
    }
    return new SlowTensor(out, x.size(0), x.size(1), size, size);
  }
}
