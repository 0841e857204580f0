package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.Intrinsics;

/**
 * The lens of a captured view: a pinhole with OpenCV's radial and tangential distortion (Brown
 * 1966).
 *
 * @param pinhole focal lengths, principal point and size, in pixels
 * @param k1 radial, for the square of the distance from the axis
 * @param k2 radial, for its fourth power
 * @param p1 tangential, vertical
 * @param p2 tangential, horizontal
 */
public record CaptureLens(Intrinsics pinhole, double k1, double k2, double p1, double p2) {

  /** The least and the largest focal length in image widths. */
  private static final double MIN_FOCAL = 0.01;

  private static final double MAX_FOCAL = 1000;

  /**
   * Checks the coefficients.
   *
   * @param pinhole with focal lengths of 0.01 to 1000 image widths
   * @param k1 finite
   * @param k2 finite
   * @param p1 finite
   * @param p2 finite
   * @throws IllegalArgumentException if a coefficient is not finite, or a focal length is out of
   *     its range
   */
  public CaptureLens {
    for (double focal : new double[] {pinhole.normalisedFx(), pinhole.normalisedFy()}) {
      if (!(focal >= MIN_FOCAL && focal <= MAX_FOCAL)) {
        throw new IllegalArgumentException(
            "focal length is "
                + focal
                + " image widths, expected "
                + MIN_FOCAL
                + " to "
                + MAX_FOCAL);
      }
    }
    if (!Double.isFinite(k1 + k2 + p1 + p2)) {
      throw new IllegalArgumentException("a distortion coefficient is not a finite number");
    }
  }

  /**
   * Makes a lens without distortion.
   *
   * @param pinhole the lens
   * @return the lens without distortion
   */
  public static CaptureLens of(Intrinsics pinhole) {
    return new CaptureLens(pinhole, 0, 0, 0, 0);
  }

  /**
   * Projects a point.
   *
   * @param cameraPoint 3 values in camera axes: right, down, forward
   * @return (u, v) in pixels
   * @throws IllegalArgumentException if the point is not in front of the camera
   */
  public double[] project(double[] cameraPoint) {
    double depth = cameraPoint[2];
    if (!(depth > 0)) {
      throw new IllegalArgumentException("point has depth " + depth + ", expected above 0");
    }
    double x = cameraPoint[0] / depth;
    double y = cameraPoint[1] / depth;
    double[] shift = shift(x, y);
    return pinhole.project(new double[] {x + shift[0], y + shift[1], 1});
  }

  /**
   * Finds the direction of a pixel by fixed-point iteration. The result is exact to a thousandth of
   * a pixel for the mild distortion of photographic lenses.
   *
   * @param u pixels from the left
   * @param v pixels from the top
   * @return a point at depth 1 in camera axes
   */
  public double[] unproject(double u, double v) {
    double dx = (u - pinhole.cx()) / pinhole.fx();
    double dy = (v - pinhole.cy()) / pinhole.fy();
    double x = dx;
    double y = dy;
    for (int i = 0; i < 20; i++) {
      double[] shift = shift(x, y);
      x = dx - shift[0];
      y = dy - shift[1];
    }
    return new double[] {x, y, 1};
  }

  /** Returns the shift of a point at depth 1 by distortion. */
  private double[] shift(double x, double y) {
    double r2 = x * x + y * y;
    double radial = k1 * r2 + k2 * r2 * r2;
    return new double[] {
      x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
      y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y)
    };
  }
}
