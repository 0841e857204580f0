package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.Intrinsics;

/**
 * The lens of a captured view: a pinhole, and how the lens departs from it.
 *
 * @param pinhole focal lengths, principal point and size, in pixels
 * @param distortion from directions to the image plane at focal length 1
 */
public record CaptureLens(Intrinsics pinhole, Distortion distortion) {

  /** The least and the largest focal length in image widths. */
  private static final double MIN_FOCAL = 0.01;

  private static final double MAX_FOCAL = 1000;

  /**
   * Checks the focal lengths.
   *
   * @param pinhole with focal lengths of 0.01 to 1000 image widths
   * @param distortion any
   * @throws IllegalArgumentException if a focal length is out of its range
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
  }

  /**
   * Makes a lens without distortion.
   *
   * @param pinhole the lens
   * @return the lens without distortion
   */
  public static CaptureLens of(Intrinsics pinhole) {
    return new CaptureLens(pinhole, BrownDistortion.NONE);
  }

  /**
   * Says whether the lens sees a point, inside the image or outside.
   *
   * @param cameraPoint 3 values in camera axes: right, down, forward
   * @return false if the point is behind the camera, or so far from the axis that the distortion
   *     does not hold
   */
  public boolean sees(double[] cameraPoint) {
    return distortion.sees(cameraPoint);
  }

  /**
   * Projects a point.
   *
   * @param cameraPoint 3 values in camera axes: right, down, forward
   * @return (u, v) in pixels
   * @throws IllegalArgumentException if the lens does not see the point
   */
  public double[] project(double[] cameraPoint) {
    if (!sees(cameraPoint)) {
      throw new IllegalArgumentException(
          "point at depth " + cameraPoint[2] + " is not seen, expected one in front of the lens");
    }
    double[] plane = distortion.distort(cameraPoint);
    return pinhole.project(new double[] {plane[0], plane[1], 1});
  }

  /**
   * Finds the direction of a pixel.
   *
   * @param u pixels from the left
   * @param v pixels from the top
   * @return 3 values in camera axes, of any length; exact to a thousandth of a pixel
   */
  public double[] unproject(double u, double v) {
    return distortion.undistort(
        (u - pinhole.cx()) / pinhole.fx(), (v - pinhole.cy()) / pinhole.fy());
  }
}
