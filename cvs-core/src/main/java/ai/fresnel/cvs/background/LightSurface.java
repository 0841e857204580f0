package ai.fresnel.cvs.background;

import java.util.Arrays;
import java.util.Random;

/**
 * The colour of a background as a polynomial of the place, one for each channel: how a lamp, a lens
 * or a gradient shades it.
 */
final class LightSurface {

  private static final int TRIALS = 200;
  private static final int ROUNDS = 6;

  /** The most cells that a fit reads, and the most that each trial is judged by. */
  private static final int MAX_SAMPLES = 4000;

  private static final int MAX_JUDGES = 300;

  /** Least residual that counts as noise, so that a clean background has some room. */
  private static final double LEAST_SPREAD = 1;

  /** Median of absolute residuals to standard deviation. */
  private static final double MEDIAN_TO_SIGMA = 1.4826;

  private final int degree;

  /** (3, terms). */
  private final double[][] coefficients;

  private LightSurface(int degree, double[][] coefficients) {
    this.degree = degree;
    this.coefficients = coefficients;
  }

  /**
   * Fits a quadratic of which up to half of the cells may be anything: least median of squares
   * (Rousseeuw, 1984) over small samples, then least squares over what it explains.
   */
  static LightSurface ofMost(ReducedImage image, int[] cells) {
    int[] samples = thinned(cells, MAX_JUDGES);
    Random random = new Random(17);
    LightSurface best = null;
    double least = Double.POSITIVE_INFINITY;
    int[] few = new int[9];
    for (int trial = 0; trial < TRIALS; trial++) {
      for (int i = 0; i < few.length; i++) {
        few[i] = samples[random.nextInt(samples.length)];
      }
      // The first trial is the constant colour, which plain backgrounds have exactly.
      LightSurface tried = trial == 0 ? median(image, samples) : leastSquares(image, few, 2);
      double spread = tried.spread(image, samples);
      if (spread < least) {
        least = spread;
        best = tried;
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      double reach = 3 * Math.max(LEAST_SPREAD, best.spread(image, samples));
      LightSurface surface = best;
      int[] near =
          Arrays.stream(samples).filter(cell -> surface.residual(image, cell) <= reach).toArray();
      LightSurface finer = leastSquares(image, near, 2);
      if (finer.spread(image, samples) > best.spread(image, samples)) {
        break;
      }
      best = finer;
    }
    return best;
  }

  /** Fits a polynomial to cells that are all background. */
  static LightSurface ofAll(ReducedImage image, int[] cells, int degree) {
    return leastSquares(image, thinned(cells, MAX_SAMPLES), degree);
  }

  private static LightSurface median(ReducedImage image, int[] samples) {
    double[][] constant = new double[3][terms(2)];
    for (int c = 0; c < 3; c++) {
      double[] values = new double[samples.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = image.value(samples[i], c);
      }
      Arrays.sort(values);
      constant[c][0] = values[values.length / 2];
    }
    return new LightSurface(2, constant);
  }

  private static int[] thinned(int[] cells, int most) {
    if (cells.length <= most) {
      return cells;
    }
    int[] samples = new int[most];
    for (int i = 0; i < most; i++) {
      samples[i] = cells[(int) ((long) i * cells.length / most)];
    }
    return samples;
  }

  private static int terms(int degree) {
    return (degree + 1) * (degree + 2) / 2;
  }

  private static void monomials(double u, double v, int degree, double[] out) {
    int at = 0;
    double ofU = 1;
    for (int i = 0; i <= degree; i++) {
      double product = ofU;
      for (int j = 0; i + j <= degree; j++) {
        out[at++] = product;
        product *= v;
      }
      ofU *= u;
    }
  }

  private static LightSurface leastSquares(ReducedImage image, int[] cells, int degree) {
    int n = terms(degree);
    double[][] normal = new double[n][n + 3];
    double[] row = new double[n];
    for (int cell : cells) {
      monomials(image.u(cell), image.v(cell), degree, row);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          normal[i][j] += row[i] * row[j];
        }
        for (int c = 0; c < 3; c++) {
          normal[i][n + c] += row[i] * image.value(cell, c);
        }
      }
    }
    // Cells in one line leave terms open; they become small instead of anything.
    for (int i = 1; i < n; i++) {
      normal[i][i] += 1e-6 * (1 + cells.length);
    }
    return new LightSurface(degree, solve(normal));
  }

  /** Eliminates with pivots; the last three columns become the solutions. */
  private static double[][] solve(double[][] m) {
    int n = m.length;
    for (int i = 0; i < n; i++) {
      int pivot = i;
      for (int k = i + 1; k < n; k++) {
        pivot = Math.abs(m[k][i]) > Math.abs(m[pivot][i]) ? k : pivot;
      }
      double[] swap = m[i];
      m[i] = m[pivot];
      m[pivot] = swap;
      double scale = m[i][i] == 0 ? 0 : 1 / m[i][i];
      for (int j = i; j < n + 3; j++) {
        m[i][j] *= scale;
      }
      for (int k = 0; k < n; k++) {
        double times = k == i ? 0 : m[k][i];
        for (int j = i; times != 0 && j < n + 3; j++) {
          m[k][j] -= times * m[i][j];
        }
      }
    }
    double[][] solutions = new double[3][n];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < n; i++) {
        solutions[c][i] = m[i][n + c];
      }
    }
    return solutions;
  }

  double value(double u, double v, int channel) {
    double sum = 0;
    double ofU = 1;
    int at = 0;
    for (int i = 0; i <= degree; i++) {
      double product = ofU;
      for (int j = 0; i + j <= degree; j++) {
        sum += coefficients[channel][at++] * product;
        product *= v;
      }
      ofU *= u;
    }
    return Math.min(255, Math.max(0, sum));
  }

  /** Returns the greatest difference of a channel. */
  double residual(ReducedImage image, int cell) {
    double most = 0;
    for (int c = 0; c < 3; c++) {
      double expected = value(image.u(cell), image.v(cell), c);
      most = Math.max(most, Math.abs(image.value(cell, c) - expected));
    }
    return most;
  }

  /** Returns the standard deviation of a channel, told by the median of all residuals. */
  double sigma(ReducedImage image, int[] cells) {
    double[] residuals = new double[3 * cells.length];
    for (int i = 0; i < residuals.length; i++) {
      int cell = cells[Math.floorDiv(i, 3)];
      double expected = value(image.u(cell), image.v(cell), i % 3);
      residuals[i] = Math.abs(image.value(cell, i % 3) - expected);
    }
    Arrays.sort(residuals);
    return MEDIAN_TO_SIGMA * residuals[residuals.length / 2];
  }

  /** Returns the median residual, which half of the cells stay below. */
  double spread(ReducedImage image, int[] cells) {
    double[] residuals = new double[cells.length];
    for (int i = 0; i < residuals.length; i++) {
      residuals[i] = residual(image, cells[i]);
    }
    Arrays.sort(residuals);
    return residuals[residuals.length / 2];
  }
}
