package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Vectors;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The coordinate frame of a captured object: its middle, size and up direction. It maps the world
 * of the capture to that of rendered objects: origin in the middle of the object, +z up, cameras
 * about 1.85 object lengths away.
 *
 * <p>The middle is the point nearest to all rays through the centres of the masks, or to all
 * optical axes without masks. The length is the span of the masks at the depth of the middle.
 * Without masks the size is unknown; the object is assumed to fill the images as rendered objects
 * do.
 */
final class CaptureFrame {

  /** The distance of the median camera in object lengths, about the mean of rendered ones. */
  private static final double RADIUS = 1.85;

  /** The share of the frame that an object of length 1 fills at that distance. */
  private static final double SHARE = 1.094 / RADIUS;

  /** The quantile of the spans of all views that is used, robust to a few bad masks. */
  private static final double QUANTILE = 0.9;

  private final double[] middle;
  private final double[] turn;
  private final double scale;
  private final double focal;

  /**
   * @param middle of the object, in the capture's world
   * @param turn (3,3), from the axes of the capture to ours
   * @param scale our units per unit of the capture
   * @param focal length of the frame's lens, in image widths
   */
  private CaptureFrame(double[] middle, double[] turn, double scale, double focal) {
    this.middle = middle;
    this.turn = turn;
    this.scale = scale;
    this.focal = focal;
  }

  /**
   * Finds the frame of an object.
   *
   * @throws IOException if the cameras do not locate the object
   */
  static CaptureFrame of(String id, FrameChoice choice, UpDirection up) throws IOException {
    List<Observation> observations =
        choice.masked()
            ? choice.observations()
            : choice.observations().stream().map(Observation::alongAxis).toList();
    double widest = Double.POSITIVE_INFINITY;
    for (CapturedView view : choice.views()) {
      int side = Math.min(view.lens().pinhole().width(), view.lens().pinhole().height());
      widest = Math.min(widest, side / (2 * view.lens().pinhole().fx()));
    }
    double[] turn = turn(up.up());
    double[] middle = nearest(id, observations);
    double[] depths = new double[observations.size()];
    double[] spans = new double[observations.size()];
    for (int i = 0; i < depths.length; i++) {
      Observation observation = observations.get(i);
      depths[i] = Vectors.length(Vectors.subtract(observation.eye(), middle));
      spans[i] = 2 * depths[i] * reach(observation, middle, turn);
    }
    Arrays.sort(depths);
    Arrays.sort(spans);
    double depth = depths[depths.length / 2];
    double span =
        choice.masked() ? spans[(int) (QUANTILE * (spans.length - 1))] : 2 * depth * widest * SHARE;
    if (!(span > 0) || !(depth > 0) || !Double.isFinite(span + depth)) {
      throw new IOException(id + ": the object has no size");
    }
    return new CaptureFrame(middle, turn, RADIUS / depth, SHARE * depth / span);
  }

  /**
   * Returns the point with the least squared distances to all rays: Σ(I − d·dᵀ)·x = Σ(I −
   * d·dᵀ)·eye.
   */
  private static double[] nearest(String id, List<Observation> observations) throws IOException {
    double[] a = new double[9];
    double[] b = new double[3];
    for (Observation observation : observations) {
      double[] d = observation.ray();
      for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 3; column++) {
          double m = (row == column ? 1 : 0) - d[row] * d[column];
          a[3 * row + column] += m;
          b[row] += m * observation.eye()[column];
        }
      }
    }
    double[] x = Vectors.cross(new double[] {a[3], a[4], a[5]}, new double[] {a[6], a[7], a[8]});
    double[] y = Vectors.cross(new double[] {a[6], a[7], a[8]}, new double[] {a[0], a[1], a[2]});
    double[] z = Vectors.cross(new double[] {a[0], a[1], a[2]}, new double[] {a[3], a[4], a[5]});
    double determinant = a[0] * x[0] + a[1] * x[1] + a[2] * x[2];
    double n = observations.size();
    // Rays within about a degree of each other do not fix the distance at which they meet.
    if (!(determinant > 1e-4 * n * n * n)) {
      throw new IOException(id + ": the cameras look the same way, expected views from around");
    }
    double[] point = new double[3];
    for (int c = 0; c < 3; c++) {
      point[c] = (x[c] * b[0] + y[c] * b[1] + z[c] * b[2]) / determinant;
    }
    return point;
  }

  /**
   * Returns the tangent of the angle from the middle to the farthest side of the mask in a square
   * frame.
   */
  private static double reach(Observation observation, double[] middle, double[] turn) {
    CameraPose pose =
        CameraPose.lookAt(
            Vectors.multiply(turn, Vectors.subtract(observation.eye(), middle)), new double[3]);
    double most = 0;
    for (double[] ray : observation.outline()) {
      double[] p = Vectors.multiply(pose.rotation(), Vectors.multiply(turn, ray));
      if (p[2] > 0) {
        most = Math.max(most, Math.max(Math.abs(p[0]), Math.abs(p[1])) / p[2]);
      }
    }
    return most;
  }

  /** Returns a rotation that takes {@code up} to +z. */
  private static double[] turn(double[] up) {
    double[] z = up;
    double[] side = Math.abs(z[0]) < 0.9 ? new double[] {1, 0, 0} : new double[] {0, 1, 0};
    double[] y = Vectors.unit(Vectors.cross(z, side));
    double[] x = Vectors.cross(y, z);
    return new double[] {x[0], x[1], x[2], y[0], y[1], y[2], z[0], z[1], z[2]};
  }

  /** Returns the focal length in image widths. */
  double focal() {
    return focal;
  }

  /** Returns a camera at the place of a view in our world, looking at the object. */
  CameraPose pose(CapturedView view) {
    return CameraPose.lookAt(place(view.pose().position()), new double[3]);
  }

  /** Moves a point from the world of the capture to ours. */
  double[] place(double[] point) {
    double[] placed = Vectors.multiply(turn, Vectors.subtract(point, middle));
    for (int c = 0; c < 3; c++) {
      placed[c] *= scale;
    }
    return placed;
  }

  /** Transforms a direction from our world to the camera axes of a view. */
  double[] toCamera(CapturedView view, double[] direction) {
    return Vectors.multiply(view.pose().rotation(), Vectors.multiplyTransposed(turn, direction));
  }
}
