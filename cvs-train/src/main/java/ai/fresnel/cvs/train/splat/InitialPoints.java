package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.SphericalHarmonics;
import ai.fresnel.cvs.train.viewset.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Where Gaussians begin: points with colours, from a visual hull, a reconstruction, or the volume
 * of a model.
 *
 * @param positions (N, 3) in world units, finite
 * @param colours (N, 3), red, green and blue, 0 to 1
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
public record InitialPoints(float[] positions, float[] colours) {

  /** The first opacity, as published. */
  private static final double OPACITY = 0.1;

  /** Neighbours whose mean distance is a Gaussian's first size. */
  private static final int NEIGHBOURS = 3;

  /**
   * Checks the values.
   *
   * @param positions as above
   * @param colours as above
   * @throws IllegalArgumentException if lengths differ or a number is not finite
   */
  public InitialPoints {
    Objects.requireNonNull(positions, "positions is null");
    Objects.requireNonNull(colours, "colours is null");
    if (positions.length % 3 != 0 || colours.length != positions.length) {
      throw new IllegalArgumentException(
          positions.length
              + " positions and "
              + colours.length
              + " colours, expected three of each a point");
    }
    for (int i = 0; i < positions.length; i++) {
      if (!Float.isFinite(positions[i]) || !Float.isFinite(colours[i])) {
        throw new IllegalArgumentException("point " + i / 3 + " is not finite");
      }
    }
  }

  /**
   * Takes a point of each pixel whose depth is known.
   *
   * @param views any; those without a depth map give no points
   * @return the points, with the pixels' colours
   */
  public static InitialPoints of(List<View> views) {
    List<float[]> points = new ArrayList<>();
    for (View view : views) {
      float[] depth = view.depth().orElse(new float[0]);
      for (int i = 0; i < depth.length; i++) {
        if (depth[i] > 0) {
          points.add(point(view, i, depth[i]));
        }
      }
    }
    return ofRows(points);
  }

  /** Returns the place and the colour of a pixel that is so far away. */
  static float[] point(View view, int pixel, double depth) {
    Intrinsics lens = view.intrinsics();
    double[] ray = {
      (pixel % lens.width() + 0.5 - lens.cx()) / lens.fx() * depth,
      (Math.floorDiv(pixel, lens.width()) + 0.5 - lens.cy()) / lens.fy() * depth,
      depth
    };
    double[] turned = Vectors.multiplyTransposed(view.pose().rotation(), ray);
    double[] eye = view.pose().position();
    float[] point = new float[6];
    for (int k = 0; k < 3; k++) {
      point[k] = (float) (eye[k] + turned[k]);
      point[3 + k] = (view.rgba()[4 * pixel + k] & 0xff) / 255f;
    }
    return point;
  }

  /** Takes places and colours, six numbers a point. */
  static InitialPoints ofRows(List<float[]> points) {
    float[] positions = new float[3 * points.size()];
    float[] colours = new float[3 * points.size()];
    for (int i = 0; i < points.size(); i++) {
      System.arraycopy(points.get(i), 0, positions, 3 * i, 3);
      System.arraycopy(points.get(i), 3, colours, 3 * i, 3);
    }
    return new InitialPoints(positions, colours);
  }

  /**
   * Returns the number of points.
   *
   * @return N
   */
  public int size() {
    return positions.length / 3;
  }

  /**
   * Chooses points at random, or all in their order if there are no more.
   *
   * @param most the most points, 1 or more
   * @param seed of the choice
   * @return the chosen points
   */
  public InitialPoints sample(int most, long seed) {
    int[] order = new int[size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    int chosen = Math.min(most, order.length);
    SplittableRandom random = SplatRandom.POINTS.at(seed, 0);
    for (int i = 0; chosen < order.length && i < chosen; i++) {
      int other = i + random.nextInt(order.length - i);
      int swapped = order[i];
      order[i] = order[other];
      order[other] = swapped;
    }
    float[] taken = new float[3 * chosen];
    float[] theirs = new float[3 * chosen];
    for (int i = 0; i < chosen; i++) {
      System.arraycopy(positions, 3 * order[i], taken, 3 * i, 3);
      System.arraycopy(colours, 3 * order[i], theirs, 3 * i, 3);
    }
    return new InitialPoints(taken, theirs);
  }

  /**
   * Makes round Gaussians of opacity 0.1, as large as the mean distance of their three nearest
   * neighbours.
   *
   * @param shDegree of their harmonics, 0 to 3; all but the constant one are 0
   * @return the Gaussians' parameters
   */
  public GaussianArrays gaussians(int shDegree) {
    GaussianArrays arrays = GaussianArrays.zeros(size(), shDegree);
    System.arraycopy(positions, 0, arrays.means(), 0, positions.length);
    float[] spacing = NearestPoints.meanDistances(positions, NEIGHBOURS);
    int each = 3 * GaussianArrays.harmonics(shDegree);
    for (int i = 0; i < size(); i++) {
      arrays.rotations()[4 * i] = 1;
      float size = (float) Math.log(Math.max(1e-7, spacing[i]));
      for (int k = 0; k < 3; k++) {
        arrays.logScales()[3 * i + k] = size;
        arrays.sh()[each * i + k] = (float) ((colours[3 * i + k] - 0.5) / SphericalHarmonics.C0);
      }
      arrays.opacityLogits()[i] = (float) Math.log(OPACITY / (1 - OPACITY));
    }
    return arrays;
  }
}
