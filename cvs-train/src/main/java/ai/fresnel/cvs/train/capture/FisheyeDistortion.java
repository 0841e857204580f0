package ai.fresnel.cvs.train.capture;

/**
 * OpenCV's fisheye lens (Kannala and Brandt 2006): the distance from the middle grows with the
 * angle θ from the axis as θ·(1 + k₁θ² + k₂θ⁴ + k₃θ⁶ + k₄θ⁸).
 */
public final class FisheyeDistortion implements Distortion {

  private static final double STEP = Math.PI / 2048;

  private final double k1;
  private final double k2;
  private final double k3;
  private final double k4;
  private final double limit;

  /**
   * Makes a distortion.
   *
   * @param k1 for the square of the angle
   * @param k2 for its fourth power
   * @param k3 for its sixth power
   * @param k4 for its eighth power
   * @throws IllegalArgumentException if a coefficient is not finite
   */
  public FisheyeDistortion(double k1, double k2, double k3, double k4) {
    if (!Double.isFinite(k1 + k2 + k3 + k4)) {
      throw new IllegalArgumentException("a distortion coefficient is not a finite number");
    }
    this.k1 = k1;
    this.k2 = k2;
    this.k3 = k3;
    this.k4 = k4;
    limit = limit();
  }

  @Override
  public double[] distort(double[] direction) {
    double across = Math.hypot(direction[0], direction[1]);
    if (across == 0) {
      return new double[2];
    }
    double distance = distance(Math.atan2(across, direction[2]));
    return new double[] {distance * direction[0] / across, distance * direction[1] / across};
  }

  @Override
  public double[] undistort(double x, double y) {
    double distance = Math.hypot(x, y);
    if (distance == 0) {
      return new double[] {0, 0, 1};
    }
    double low = 0;
    double high = limit;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (distance(middle) < distance) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double across = Math.sin(low) / distance;
    return new double[] {across * x, across * y, Math.cos(low)};
  }

  @Override
  public boolean sees(double[] direction) {
    return Math.atan2(Math.hypot(direction[0], direction[1]), direction[2]) < limit;
  }

  private double distance(double angle) {
    double a2 = angle * angle;
    return angle * (1 + a2 * (k1 + a2 * (k2 + a2 * (k3 + a2 * k4))));
  }

  /** Returns the angle at which the distance stops growing. */
  private double limit() {
    double before = 0;
    for (double angle = STEP; angle < Math.PI; angle += STEP) {
      double now = distance(angle);
      if (!(now > before)) {
        return angle - STEP;
      }
      before = now;
    }
    return Math.PI;
  }
}
