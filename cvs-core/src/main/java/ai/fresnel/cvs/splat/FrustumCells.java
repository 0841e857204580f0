package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.Arrays;
import java.util.Objects;

/**
 * Density and colour of the cells of a photograph's frustum: slices parallel to the image, evenly
 * spaced in depth, each of side×side cells that lie on the rays of as many pixels.
 *
 * @param source the photograph's camera
 * @param focal its focal length over the image's width
 * @param reach half the depth of the frustum, around the camera's distance to the origin
 * @param slices the number of slices, 2 or more
 * @param side the number of cells along an edge, 2 or more
 * @param density (slices, side, side), in 1 per unit, 0 or more
 * @param rgb (3, slices, side, side), 0 to 1
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
public record FrustumCells(
    CameraPose source,
    double focal,
    double reach,
    int slices,
    int side,
    float[] density,
    float[] rgb) {

  /** A Gaussian's standard deviation, in distances between cells. */
  private static final double WIDTH = 0.6;

  /** Gaussians of this width overlap: of one the share of the cell's optical depth. */
  private static final double SHARE = 1 / (2 * Math.PI * WIDTH * WIDTH);

  /** A cell of which less is seen from everywhere makes no Gaussian. */
  private static final float LEAST_SEEN = 0.02f;

  private static final double LEAST_OPAQUE = 0.005;

  private static final double MOST_OPAQUE = 0.99;

  /**
   * Checks the lengths.
   *
   * @param source as above
   * @param focal above 0
   * @param reach above 0, less than the camera's distance
   * @param slices as above
   * @param side as above
   * @param density as above
   * @param rgb as above
   * @throws IllegalArgumentException if a value is out of its range or a length differs
   */
  public FrustumCells {
    Objects.requireNonNull(source, "source is null");
    if (!(focal > 0) || !(reach > 0) || reach >= source.radius() || slices < 2 || side < 2) {
      throw new IllegalArgumentException(
          "focal length "
              + focal
              + ", reach "
              + reach
              + ", "
              + slices
              + " slices of "
              + side
              + ", expected above 0, above 0 and less than "
              + source.radius()
              + ", 2 or more of 2 or more");
    }
    int cells = slices * side * side;
    if (density.length != cells || rgb.length != 3 * cells) {
      throw new IllegalArgumentException(
          density.length
              + " densities and "
              + rgb.length
              + " colours, expected "
              + cells
              + " and three times as many");
    }
  }

  /**
   * Makes a Gaussian of each cell that is seen from somewhere, as wide as the cell and as opaque.
   *
   * @param most the most Gaussians, 1 or more; if more cells are seen, those of some of them,
   *     evenly chosen, and as much larger
   * @param shDegree of their harmonics, 0 to 3; all but the constant one are 0
   * @return the Gaussians, cell by cell
   */
  public GaussianArrays gaussians(int most, int shDegree) {
    int[] cells = visible();
    int count = Math.min(most, cells.length);
    // Where each stands for several cells, it is as much larger.
    double larger = Math.cbrt((double) cells.length / count);
    GaussianArrays arrays = GaussianArrays.zeros(count, shDegree);
    double[] axes = source.rotation();
    double[] eye = source.position();
    float[] turn = quaternion(axes);
    int each = 3 * GaussianArrays.harmonics(shDegree);
    int all = density.length;
    for (int i = 0; i < count; i++) {
      int cell = cells[(int) ((long) i * cells.length / count)];
      double z = depth(cell / (side * side));
      double across = z / (focal * side);
      double right = across * (cell % side + 0.5 - side / 2.0);
      double down = across * (cell / side % side + 0.5 - side / 2.0);
      double thick = density[cell] * larger * Math.cbrt(across * across * gap());
      double covers = 1 - Math.exp(-SHARE * thick);
      double opacity = Math.max(LEAST_OPAQUE, Math.min(MOST_OPAQUE, covers));
      for (int k = 0; k < 3; k++) {
        arrays.means()[3 * i + k] =
            (float) (eye[k] + axes[k] * right + axes[3 + k] * down + axes[6 + k] * z);
        arrays.logScales()[3 * i + k] =
            (float) Math.log(WIDTH * larger * (k == 2 ? gap() : across));
        float colour = rgb[k * all + cell];
        arrays.sh()[each * i + k] = (float) ((colour - 0.5) / SphericalHarmonics.C0);
      }
      System.arraycopy(turn, 0, arrays.rotations(), 4 * i, 4);
      arrays.opacityLogits()[i] = (float) Math.log(opacity / (1 - opacity));
    }
    return arrays;
  }

  private double gap() {
    return 2 * reach / slices;
  }

  private double depth(int slice) {
    return source.radius() - reach + (slice + 0.5) * gap();
  }

  /** Alpha times the largest transmittance along the grid's six directions. */
  private float[] seen() {
    float[] seen = new float[density.length];
    int plane = side * side;
    for (int slice = 0; slice < slices; slice++) {
      double across = depth(slice) / (focal * side);
      for (int i = 0; i < side; i++) {
        look(seen, slice * plane + i * side, 1, side, across);
        look(seen, slice * plane + i, side, side, across);
      }
    }
    for (int i = 0; i < plane; i++) {
      look(seen, i, plane, slices, gap());
    }
    return seen;
  }

  /** Goes along a line of cells and back. */
  private void look(float[] seen, int from, int stride, int count, double step) {
    for (int way = -1; way <= 1; way += 2) {
      double light = 1;
      for (int i = 0; i < count; i++) {
        int cell = from + stride * (way > 0 ? i : count - 1 - i);
        double through = Math.exp(-density[cell] * step);
        seen[cell] = Math.max(seen[cell], (float) (light * (1 - through)));
        light *= through;
      }
    }
  }

  /** Returns the cells that are seen, one at least. */
  private int[] visible() {
    float[] seen = seen();
    int[] cells = new int[seen.length];
    int count = 0;
    int best = 0;
    for (int i = 0; i < seen.length; i++) {
      best = seen[i] > seen[best] ? i : best;
      if (seen[i] >= LEAST_SEEN) {
        cells[count++] = i;
      }
    }
    return count == 0 ? new int[] {best} : Arrays.copyOf(cells, count);
  }

  /** Returns the turn from the camera's axes to the world's, w x y z. */
  private static float[] quaternion(double[] toCamera) {
    // Each component's square by the diagonal; the largest decides the signs of the others.
    double[] m = toCamera;
    double[] squares = {
      1 + m[0] + m[4] + m[8], 1 + m[0] - m[4] - m[8], 1 - m[0] + m[4] - m[8], 1 - m[0] - m[4] + m[8]
    };
    int largest = 0;
    for (int i = 1; i < 4; i++) {
      largest = squares[i] > squares[largest] ? i : largest;
    }
    // Of the transposed matrix.
    double[][] products = {
      {squares[0], m[5] - m[7], m[6] - m[2], m[1] - m[3]},
      {m[5] - m[7], squares[1], m[1] + m[3], m[2] + m[6]},
      {m[6] - m[2], m[1] + m[3], squares[2], m[5] + m[7]},
      {m[1] - m[3], m[2] + m[6], m[5] + m[7], squares[3]}
    };
    float[] quaternion = new float[4];
    for (int i = 0; i < 4; i++) {
      quaternion[i] = (float) (products[largest][i] / (2 * Math.sqrt(squares[largest])));
    }
    return quaternion;
  }
}
