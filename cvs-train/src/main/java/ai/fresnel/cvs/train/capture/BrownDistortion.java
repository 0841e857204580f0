package ai.fresnel.cvs.train.capture;

import java.util.List;

/**
 * OpenCV's radial and tangential distortion (Brown 1966). The distance r from the axis is
 * multiplied by (1 + k₁r² + k₂r⁴ + …) / (1 + d₁r² + d₂r⁴ + …).
 */
public final class BrownDistortion implements Distortion {

  /** A pinhole. */
  public static final BrownDistortion NONE = of(List.of(), 0, 0);

  /** Beyond 87 degrees from the axis no image is used. */
  private static final double MAX_RADIUS = 20;

  private static final double STEP = 1 / 256.0;

  private static final int ITERATIONS = 20;

  /** A residual of the fixed point, at focal length 1, that counts as found. */
  private static final double FOUND = 1e-7;

  private final double[] radial;
  private final double[] divisor;
  private final double p1;
  private final double p2;
  private final double limit;

  private BrownDistortion(double[] radial, double[] divisor, double p1, double p2) {
    this.radial = radial;
    this.divisor = divisor;
    this.p1 = p1;
    this.p2 = p2;
    double sum = p1 + p2;
    for (double k : radial) {
      sum += k;
    }
    for (double d : divisor) {
      sum += d;
    }
    if (!Double.isFinite(sum)) {
      throw new IllegalArgumentException("a distortion coefficient is not a finite number");
    }
    limit = limit();
  }

  /**
   * Makes a distortion by polynomials.
   *
   * @param radial k₁, k₂, …, any number
   * @param p1 tangential, vertical
   * @param p2 tangential, horizontal
   * @return the distortion
   * @throws IllegalArgumentException if a coefficient is not finite
   */
  public static BrownDistortion of(List<Double> radial, double p1, double p2) {
    return new BrownDistortion(array(radial), new double[0], p1, p2);
  }

  /**
   * Divides the polynomial by another.
   *
   * @param coefficients d₁, d₂, …, any number
   * @return this distortion with the divisor
   * @throws IllegalArgumentException if a coefficient is not finite
   */
  public BrownDistortion dividedBy(List<Double> coefficients) {
    return new BrownDistortion(radial, array(coefficients), p1, p2);
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  public double[] distort(double[] direction) {
    double x = direction[0] / direction[2];
    double y = direction[1] / direction[2];
    double[] shift = shift(x, y);
    return new double[] {x + shift[0], y + shift[1]};
  }

  /** By fixed-point iteration, exact for photographic lenses; by Newton's for stronger ones. */
  @Override
  public double[] undistort(double dx, double dy) {
    double x = dx;
    double y = dy;
    double[] shift = shift(x, y);
    for (int i = 0; i < ITERATIONS; i++) {
      shift = shift(x, y);
      x = dx - shift[0];
      y = dy - shift[1];
    }
    shift = shift(x, y);
    double residual = Math.hypot(x + shift[0] - dx, y + shift[1] - dy);
    return residual < FOUND && Math.hypot(x, y) < limit ? new double[] {x, y, 1} : newton(dx, dy);
  }

  /** Starts where the radial part alone leads to, which is always found. */
  private double[] newton(double dx, double dy) {
    double distorted = Math.hypot(dx, dy);
    double low = 0;
    double high = Math.min(limit, MAX_RADIUS);
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (middle * (1 + excess(middle * middle)) < distorted) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double x = dx * low / distorted;
    double y = dy * low / distorted;
    for (int i = 0; i < ITERATIONS; i++) {
      double h = 1e-6;
      double[] at = plane(x, y);
      double[] right = plane(x + h, y);
      double[] down = plane(x, y + h);
      double a = (right[0] - at[0]) / h;
      double b = (down[0] - at[0]) / h;
      double c = (right[1] - at[1]) / h;
      double d = (down[1] - at[1]) / h;
      double determinant = a * d - b * c;
      double stepX = (d * (dx - at[0]) - b * (dy - at[1])) / determinant;
      double stepY = (a * (dy - at[1]) - c * (dx - at[0])) / determinant;
      if (!(Math.hypot(x + stepX, y + stepY) < high + STEP)) {
        break;
      }
      x += stepX;
      y += stepY;
    }
    return new double[] {x, y, 1};
  }

  @Override
  public boolean sees(double[] direction) {
    return direction[2] > 0 && Math.hypot(direction[0], direction[1]) < limit * direction[2];
  }

  private double[] plane(double x, double y) {
    double[] shift = shift(x, y);
    return new double[] {x + shift[0], y + shift[1]};
  }

  /** Returns the shift of a point at depth 1 by distortion. */
  private double[] shift(double x, double y) {
    double r2 = x * x + y * y;
    double excess = excess(r2);
    return new double[] {
      x * excess + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
      y * excess + 2 * p2 * x * y + p1 * (r2 + 2 * y * y)
    };
  }

  /** Returns the radial factor less 1. */
  private double excess(double r2) {
    double above = polynomial(radial, r2);
    return divisor.length == 0 ? above : (1 + above) / (1 + polynomial(divisor, r2)) - 1;
  }

  private static double polynomial(double[] coefficients, double r2) {
    double sum = 0;
    for (int i = 0; i < coefficients.length; i++) {
      double term = coefficients[i];
      for (int k = 0; k <= i; k++) {
        term *= r2;
      }
      sum += term;
    }
    return sum;
  }

  /** Returns the distance from the axis at which the distorted one stops growing. */
  private double limit() {
    if (radial.length + divisor.length == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double before = 0;
    for (double r = STEP; r <= MAX_RADIUS; r += STEP) {
      double now = r * (1 + excess(r * r));
      if (!(now > before) || !(1 + polynomial(divisor, r * r) > 0)) {
        return r - STEP;
      }
      before = now;
    }
    return Double.POSITIVE_INFINITY;
  }
}
