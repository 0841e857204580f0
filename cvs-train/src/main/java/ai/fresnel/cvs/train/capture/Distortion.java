package ai.fresnel.cvs.train.capture;

/**
 * How a lens departs from a pinhole: from directions in camera axes (right, down, forward) to
 * points of the image plane at focal length 1, and back.
 */
public sealed interface Distortion permits BrownDistortion, FisheyeDistortion {

  /**
   * Projects a direction that the lens sees.
   *
   * @param direction 3 values in camera axes, of any length
   * @return (x, y) at focal length 1
   */
  double[] distort(double[] direction);

  /**
   * Finds the direction of a point.
   *
   * @param x right, at focal length 1
   * @param y down, at focal length 1
   * @return 3 values in camera axes, of any length; the edge of what the lens sees for points
   *     beyond
   */
  double[] undistort(double x, double y);

  /**
   * Says whether the lens sees a direction. Beyond some angle the polynomial turns back and would
   * show the world a second time.
   *
   * @param direction 3 values in camera axes, of any length
   * @return true if the lens projects it
   */
  boolean sees(double[] direction);
}
