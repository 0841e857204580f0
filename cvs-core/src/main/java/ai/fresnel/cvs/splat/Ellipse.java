package ai.fresnel.cvs.splat;

/**
 * One projected Gaussian in one tile: its numbers, and the pixels of a row where its alpha is 1/255
 * or more. Solving the quadratic equation of each row leaves no pixel to test and to miss. For one
 * thread.
 */
final class Ellipse {

  /** Steps of the table of e^-x in a unit; a power of 2. */
  private static final int STEPS = 64;

  private static final double[] TABLE = table();

  /** The tile's pixels: first column and row, and those after the last. */
  private final int left;

  private final int top;
  private final int right;
  private final int bottom;

  double u;
  double v;
  double a;
  double b;
  double c;
  double opacity;
  double red;
  double green;
  double blue;
  double depth;

  /** Rows of the tile that the ellipse may touch. */
  int firstRow;

  int endRow;

  /** Pixels of the last row that was cut. */
  int first;

  int end;

  /** Middle minus centre of the pixels of the last row, vertically. */
  double dy;

  private double discriminant;
  private double fall;

  /** The exponent along a row is dx·(dx·a/2 + linear) + constant. */
  double linear;

  double constant;

  Ellipse(int left, int top, int right, int bottom) {
    this.left = left;
    this.top = top;
    this.right = right;
    this.bottom = bottom;
  }

  /** Reads Gaussian i. */
  void load(double[] values, int i) {
    int at = ProjectedGaussians.STRIDE * i;
    u = values[at + ProjectedGaussians.U];
    v = values[at + ProjectedGaussians.V];
    a = values[at + ProjectedGaussians.A];
    b = values[at + ProjectedGaussians.B];
    c = values[at + ProjectedGaussians.C];
    opacity = values[at + ProjectedGaussians.OPACITY];
    red = values[at + ProjectedGaussians.RED];
    green = values[at + ProjectedGaussians.GREEN];
    blue = values[at + ProjectedGaussians.BLUE];
    depth = values[at + ProjectedGaussians.DEPTH];
    discriminant = 2 * a * values[at + ProjectedGaussians.REACH];
    fall = a * c - b * b;
    double half = Math.sqrt(discriminant / fall);
    firstRow = Math.max(top, (int) Math.ceil(v - half - 0.5));
    endRow = Math.min(bottom, (int) Math.floor(v + half - 0.5) + 1);
  }

  /** Finds the pixels of a row, from {@link #first} to before {@link #end}; there may be none. */
  void cut(int row) {
    dy = v - (row + 0.5);
    linear = b * dy;
    constant = 0.5 * c * dy * dy;
    double half = Math.sqrt(Math.max(0, discriminant - dy * dy * fall)) / a;
    double middle = u + linear / a - 0.5;
    first = Math.max(left, (int) Math.ceil(middle - half));
    end = Math.min(right, (int) Math.floor(middle + half) + 1);
  }

  /**
   * Returns e^-x by a table and the Taylor polynomial between its entries, within 2e-10 of itself.
   *
   * @param x from 0 to ln 255, but for the rounding of the longest needles
   */
  static double fallOff(double x) {
    int nearest = (int) (x * STEPS + 0.5);
    // The processor's own check of the index becomes this one.
    if (nearest < 0 || nearest >= TABLE.length) {
      return x < 0 ? 1 : 0;
    }
    double rest = nearest * (1.0 / STEPS) - x;
    return TABLE[nearest] * (1 + rest * (1 + rest * (0.5 + rest * (1.0 / 6))));
  }

  private static double[] table() {
    double[] table = new double[6 * STEPS];
    for (int i = 0; i < table.length; i++) {
      table[i] = Math.exp(-(double) i / STEPS);
    }
    return table;
  }
}
