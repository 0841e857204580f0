package ai.fresnel.cvs.surface;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.ParallelLoop;
import ai.fresnel.cvs.splat.SphericalHarmonics;

/**
 * The density of a cloud of Gaussians on a grid: at each place the sum of opacity ·
 * exp(-½·dᵀ·Σ⁻¹·d) over all Gaussians, where d is the distance from the mean. Colours are the mean
 * of those of the Gaussians, weighed in the same way; of each Gaussian the mean over all
 * directions, which is its harmonic of degree 0.
 *
 * <p>Every Gaussian is widened by half a step squared, added to its variances, so that none slips
 * between the nodes: surfaces become at least about a cell thick.
 */
public final class GaussianField {

  /** The level at which the surface of a fitted cloud is, by default. */
  public static final float LEVEL = 0.5f;

  /** Beyond so many standard deviations a Gaussian is left out. */
  private static final double REACH = 3;

  /**
   * The variance that is added, in steps squared: of a disc in the middle between two layers of
   * nodes, these see e^-¼, 78 %.
   */
  private static final double WIDENING = 0.5;

  /** Numbers of a Gaussian: mean, reach, precision (xx, xy, xz, yy, yz, zz), opacity, colour. */
  private static final int NUMBERS = 16;

  /** Where xx, yy and zz are in a symmetric matrix. */
  static final int[] DIAGONAL = {0, 3, 5};

  private final float[] gaussians;
  private final FieldGrid grid;

  private GaussianField(float[] gaussians, FieldGrid grid) {
    this.gaussians = gaussians;
    this.grid = grid;
  }

  /**
   * Makes the field in the {@linkplain GridBox#around box around} a cloud.
   *
   * @param cloud a cloud with a Gaussian or more
   * @param cells along the longest side, 2 to 1000
   * @return the field
   * @throws IllegalArgumentException if the cloud is empty, or the cells are out of their range or
   *     need more than half of Java's memory
   */
  public static FieldGrid of(GaussianCloud cloud, int cells) {
    return of(cloud, GridBox.around(cloud), cells);
  }

  /**
   * Makes the field in a box.
   *
   * @param cloud a cloud
   * @param box where the field is
   * @param cells along the longest side, 2 to 1000
   * @return the field, with a cell or more around the box
   * @throws IllegalArgumentException if the cells are out of their range or need more than half of
   *     Java's memory
   */
  public static FieldGrid of(GaussianCloud cloud, GridBox box, int cells) {
    if (cells < 2 || cells > 1000) {
      throw new IllegalArgumentException(cells + " cells along a side, expected 2 to 1000");
    }
    double longest = 0;
    for (int c = 0; c < 3; c++) {
      longest = Math.max(longest, box.high()[c] - box.low()[c]);
    }
    double step = longest / cells;
    int[] sides = new int[3];
    double[] origin = new double[3];
    for (int c = 0; c < 3; c++) {
      sides[c] = (int) Math.ceil((box.high()[c] - box.low()[c]) / step - 1e-9) + 3;
      origin[c] = (box.low()[c] + box.high()[c] - step * (sides[c] - 1)) / 2;
    }
    int nodes = FieldGrid.count(sides[0], sides[1], sides[2]);
    long bytes = 4L * Float.BYTES * nodes;
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (bytes > most) {
      throw new IllegalArgumentException(
          String.format(
              "%d cells along a side need %d MB, more than half of Java's %d MB; --heap gives more",
              cells, bytes >> 20, most >> 19));
    }
    FieldGrid grid =
        new FieldGrid(
            sides[0], sides[1], sides[2], step, origin, new float[nodes], new float[3 * nodes]);
    GaussianField field = new GaussianField(prepare(cloud, grid), grid);
    ParallelLoop.run(Runtime.getRuntime().availableProcessors(), grid.depth(), field::addLayer);
    return grid;
  }

  /** Returns the numbers of each Gaussian, in steps from the first node. */
  private static float[] prepare(GaussianCloud cloud, FieldGrid grid) {
    GaussianArrays from = cloud.arrays();
    int each = 3 * GaussianArrays.harmonics(from.shDegree());
    float[] gaussians = new float[Math.multiplyExact(NUMBERS, from.size())];
    for (int i = 0; i < from.size(); i++) {
      int to = NUMBERS * i;
      double[] covariance = covariance(from, i);
      for (int k = 0; k < covariance.length; k++) {
        covariance[k] /= grid.step() * grid.step();
      }
      for (int k : DIAGONAL) {
        covariance[k] += WIDENING;
      }
      for (int c = 0; c < 3; c++) {
        gaussians[to + c] = (float) ((from.means()[3 * i + c] - grid.origin()[c]) / grid.step());
        gaussians[to + 3 + c] = (float) (REACH * Math.sqrt(covariance[DIAGONAL[c]]));
      }
      invert(covariance, gaussians, to + 6);
      gaussians[to + 12] = (float) (1 / (1 + Math.exp(-(double) from.opacityLogits()[i])));
      for (int c = 0; c < 3; c++) {
        double colour = 0.5 + SphericalHarmonics.C0 * from.sh()[each * i + c];
        gaussians[to + 13 + c] = (float) Math.max(0, Math.min(1, colour));
      }
    }
    return gaussians;
  }

  /** Returns the covariance of a Gaussian: xx, xy, xz, yy, yz, zz. */
  static double[] covariance(GaussianArrays from, int i) {
    double w = from.rotations()[4 * i];
    double x = from.rotations()[4 * i + 1];
    double y = from.rotations()[4 * i + 2];
    double z = from.rotations()[4 * i + 3];
    double square = w * w + x * x + y * y + z * z;
    double[] r = {
      1 - 2 * (y * y + z * z) / square,
      2 * (x * y - w * z) / square,
      2 * (x * z + w * y) / square,
      2 * (x * y + w * z) / square,
      1 - 2 * (x * x + z * z) / square,
      2 * (y * z - w * x) / square,
      2 * (x * z - w * y) / square,
      2 * (y * z + w * x) / square,
      1 - 2 * (x * x + y * y) / square
    };
    double[] covariance = new double[6];
    for (int axis = 0; axis < 3; axis++) {
      double variance = Math.exp(2.0 * from.logScales()[3 * i + axis]);
      int at = 0;
      for (int row = 0; row < 3; row++) {
        for (int column = row; column < 3; column++) {
          covariance[at++] += r[3 * row + axis] * variance * r[3 * column + axis];
        }
      }
    }
    return covariance;
  }

  /** Inverts a symmetric matrix by its cofactors. */
  private static void invert(double[] m, float[] to, int start) {
    double xx = m[3] * m[5] - m[4] * m[4];
    double xy = m[2] * m[4] - m[1] * m[5];
    double xz = m[1] * m[4] - m[2] * m[3];
    double determinant = m[0] * xx + m[1] * xy + m[2] * xz;
    to[start] = (float) (xx / determinant);
    to[start + 1] = (float) (xy / determinant);
    to[start + 2] = (float) (xz / determinant);
    to[start + 3] = (float) ((m[0] * m[5] - m[2] * m[2]) / determinant);
    to[start + 4] = (float) ((m[1] * m[2] - m[0] * m[4]) / determinant);
    to[start + 5] = (float) ((m[0] * m[3] - m[1] * m[1]) / determinant);
  }

  /** Adds all Gaussians to the nodes of one layer, in their order. */
  private void addLayer(int z) {
    for (int at = 0; at < gaussians.length; at += NUMBERS) {
      if (Math.abs(z - gaussians[at + 2]) <= gaussians[at + 5]) {
        add(at, z);
      }
    }
    int first = grid.node(0, 0, z);
    for (int node = first; node < first + grid.width() * grid.height(); node++) {
      float density = grid.values()[node];
      for (int c = 0; c < 3; c++) {
        grid.colours()[3 * node + c] /= density > 0 ? density : 1;
      }
    }
  }

  private void add(int at, int z) {
    float[] g = gaussians;
    int left = (int) Math.max(0, Math.ceil(g[at] - g[at + 3]));
    int right = (int) Math.min(grid.width() - 1, Math.floor(g[at] + g[at + 3]));
    int bottom = (int) Math.max(0, Math.ceil(g[at + 1] - g[at + 4]));
    int top = (int) Math.min(grid.height() - 1, Math.floor(g[at + 1] + g[at + 4]));
    float dz = z - g[at + 2];
    float[] values = grid.values();
    float[] colours = grid.colours();
    for (int y = bottom; y <= top; y++) {
      float dy = y - g[at + 1];
      // The exponent is a + b·dx + c·dx².
      float a = g[at + 9] * dy * dy + 2 * g[at + 10] * dy * dz + g[at + 11] * dz * dz;
      float b = 2 * (g[at + 7] * dy + g[at + 8] * dz);
      float c = g[at + 6];
      int node = grid.node(left, y, z);
      for (int x = left; x <= right; x++, node++) {
        float dx = x - g[at];
        float square = a + dx * (b + dx * c);
        if (square <= REACH * REACH) {
          float weight = (float) (g[at + 12] * Math.exp(-0.5 * square));
          values[node] += weight;
          colours[3 * node] += weight * g[at + 13];
          colours[3 * node + 1] += weight * g[at + 14];
          colours[3 * node + 2] += weight * g[at + 15];
        }
      }
    }
  }
}
