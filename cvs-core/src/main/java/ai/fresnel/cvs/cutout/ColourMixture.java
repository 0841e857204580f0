package ai.fresnel.cvs.cutout;

import java.util.Arrays;

/**
 * A mixture of five Gaussians in colour. It begins by splitting the most extended Gaussian in two
 * (Orchard and Bouman 1991), which needs no chance. A colour costs what its likeliest Gaussian
 * says.
 */
final class ColourMixture {

  private static final int COMPONENTS = 5;

  /** Variance of each channel that noise and rounding give at least, in levels of 255. */
  private static final double LEAST_VARIANCE = 4;

  private static final int POWER_STEPS = 12;

  private final int size;

  /**
   * By component: mean, the six numbers of the inverse covariance, and the constant of the cost.
   */
  private final double[] mean = new double[3 * COMPONENTS];

  private final double[] inverse = new double[6 * COMPONENTS];
  private final double[] constant = new double[COMPONENTS];

  private ColourMixture(float[] rgb, int[] cells, int[] component, int size) {
    this.size = size;
    for (int k = 0; k < size; k++) {
      Moments moments = Moments.of(rgb, cells, component, k);
      double[] c = moments.covariance(LEAST_VARIANCE);
      double[] cofactor = {
        c[3] * c[5] - c[4] * c[4],
        c[2] * c[4] - c[1] * c[5],
        c[1] * c[4] - c[2] * c[3],
        c[0] * c[5] - c[2] * c[2],
        c[1] * c[2] - c[0] * c[4],
        c[0] * c[3] - c[1] * c[1]
      };
      double determinant = c[0] * cofactor[0] + c[1] * cofactor[1] + c[2] * cofactor[2];
      for (int i = 0; i < 6; i++) {
        inverse[6 * k + i] = cofactor[i] / determinant;
      }
      System.arraycopy(moments.mean, 0, mean, 3 * k, 3);
      constant[k] =
          moments.count == 0
              ? Double.POSITIVE_INFINITY
              : 0.5 * Math.log(determinant) - Math.log((double) moments.count / cells.length);
    }
  }

  /**
   * Fits a mixture.
   *
   * @param rgb (cells, 3), 0 to 255
   * @param cells those to fit, one or more
   */
  static ColourMixture fit(float[] rgb, int[] cells) {
    int[] component = new int[cells.length];
    int size = 1;
    for (; size < COMPONENTS; size++) {
      Moments widest = null;
      double most = 0;
      int split = 0;
      for (int k = 0; k < size; k++) {
        Moments moments = Moments.of(rgb, cells, component, k);
        // The whole of a Gaussian's spread, so that few odd colours are not split again and again.
        double spread = moments.count * moments.extent();
        if (spread > most) {
          most = spread;
          widest = moments;
          split = k;
        }
      }
      if (widest == null) {
        break;
      }
      double middle = widest.along(widest.mean[0], widest.mean[1], widest.mean[2]);
      for (int i = 0; i < cells.length; i++) {
        int at = 3 * cells[i];
        if (component[i] == split && widest.along(rgb[at], rgb[at + 1], rgb[at + 2]) > middle) {
          component[i] = size;
        }
      }
    }
    return new ColourMixture(rgb, cells, component, size);
  }

  /** Fits again, to cells that each take their likeliest Gaussian of this mixture. */
  ColourMixture refit(float[] rgb, int[] cells) {
    int[] component = new int[cells.length];
    for (int i = 0; i < cells.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int k = 0; k < size; k++) {
        double cost = cost(rgb, cells[i], k);
        if (cost < least) {
          least = cost;
          component[i] = k;
        }
      }
    }
    return new ColourMixture(rgb, cells, component, size);
  }

  /** Returns the negative logarithm of a colour's likelihood, but for a constant. */
  double cost(float[] rgb, int cell) {
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; k < size; k++) {
      least = Math.min(least, cost(rgb, cell, k));
    }
    return least;
  }

  private double cost(float[] rgb, int cell, int k) {
    double r = rgb[3 * cell] - mean[3 * k];
    double g = rgb[3 * cell + 1] - mean[3 * k + 1];
    double b = rgb[3 * cell + 2] - mean[3 * k + 2];
    int i = 6 * k;
    return constant[k]
        + 0.5 * (r * r * inverse[i] + g * g * inverse[i + 3] + b * b * inverse[i + 5])
        + r * g * inverse[i + 1]
        + r * b * inverse[i + 2]
        + g * b * inverse[i + 4];
  }

  /** Number, mean and spread of some colours. */
  private static final class Moments {

    private int count;
    private final double[] mean = new double[3];

    /** rr, rg, rb, gg, gb, bb. */
    private final double[] square = new double[6];

    private final double[] axis = {0.6, 0.59, 0.54};

    static Moments of(float[] rgb, int[] cells, int[] component, int k) {
      Moments moments = new Moments();
      for (int i = 0; i < cells.length; i++) {
        if (component[i] == k) {
          moments.add(rgb[3 * cells[i]], rgb[3 * cells[i] + 1], rgb[3 * cells[i] + 2]);
        }
      }
      for (int c = 0; c < 3; c++) {
        moments.mean[c] /= Math.max(1, moments.count);
      }
      return moments;
    }

    private void add(double r, double g, double b) {
      count++;
      mean[0] += r;
      mean[1] += g;
      mean[2] += b;
      square[0] += r * r;
      square[1] += r * g;
      square[2] += r * b;
      square[3] += g * g;
      square[4] += g * b;
      square[5] += b * b;
    }

    double[] covariance(double least) {
      double[] covariance = new double[6];
      int at = 0;
      for (int i = 0; i < 3; i++) {
        for (int j = i; j < 3; j++) {
          double central = square[at] / Math.max(1, count) - mean[i] * mean[j];
          covariance[at++] = i == j ? Math.max(0, central) + least : central;
        }
      }
      return covariance;
    }

    /** Finds the principal axis; returns the variance along it. */
    double extent() {
      if (count < 2) {
        return 0;
      }
      double[] c = covariance(0);
      double length = 0;
      for (int step = 0; step < POWER_STEPS; step++) {
        double[] next = {
          c[0] * axis[0] + c[1] * axis[1] + c[2] * axis[2],
          c[1] * axis[0] + c[3] * axis[1] + c[4] * axis[2],
          c[2] * axis[0] + c[4] * axis[1] + c[5] * axis[2]
        };
        length = Math.sqrt(Arrays.stream(next).map(x -> x * x).sum());
        // Below rounding, all colours are one.
        if (length < 1e-3) {
          return 0;
        }
        for (int i = 0; i < 3; i++) {
          axis[i] = next[i] / length;
        }
      }
      return length;
    }

    double along(double r, double g, double b) {
      return r * axis[0] + g * axis[1] + b * axis[2];
    }
  }
}
