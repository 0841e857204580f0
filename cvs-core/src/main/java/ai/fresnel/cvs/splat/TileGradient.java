package ai.fresnel.cvs.splat;

/**
 * The gradient of one tile's pixels with respect to its Gaussians as projected. Goes through the
 * Gaussians back to front and takes the same pixels by the same arithmetic as {@link TileRenderer}.
 *
 * <p>With w = dL/dc·c + dL/dd·z + dL/dA - dL/dc·background for a Gaussian and B = Σ alpha·T·w over
 * those behind it, dL/dalpha = T·w - B / (1 - alpha).
 */
final class TileGradient {

  /** The numbers of a slot: derivatives by u, v, a, b, c, opacity, colour and depth. */
  static final int STRIDE = 10;

  private final int left;
  private final int top;
  private final int right;
  private final int bottom;

  /** What is let through, at first by all Gaussians, then by fewer and fewer. */
  private final double[] transmittance = new double[TileRenderer.PIXELS];

  private final double[] red = new double[TileRenderer.PIXELS];
  private final double[] green = new double[TileRenderer.PIXELS];
  private final double[] blue = new double[TileRenderer.PIXELS];
  private final double[] depth = new double[TileRenderer.PIXELS];
  private final double[] alpha = new double[TileRenderer.PIXELS];

  /** B. */
  private final double[] behind = new double[TileRenderer.PIXELS];

  private final int[] end = new int[TileRenderer.PIXELS];
  private int lastSlot;

  /** Sums over the pixels of one slot, or of one row of it, of dL/dexponent·dx^i. */
  private double row0;

  private double row1;
  private double row2;

  private double byRed;
  private double byGreen;
  private double byBlue;
  private double byDepth;

  private TileGradient(TileLists lists, int tile, SplatFrame frame, SplatImage pixels) {
    left = tile % lists.columns * ProjectedGaussians.TILE;
    top = tile / lists.columns * ProjectedGaussians.TILE;
    right = Math.min(frame.width(), left + ProjectedGaussians.TILE);
    bottom = Math.min(frame.height(), top + ProjectedGaussians.TILE);
    double[] background = frame.background();
    for (int row = top; row < bottom; row++) {
      for (int column = left; column < right; column++) {
        int to = (row - top) * ProjectedGaussians.TILE + column - left;
        int from = row * frame.width() + column;
        transmittance[to] = frame.transmittance[from];
        end[to] = frame.end[from];
        lastSlot = Math.max(lastSlot, end[to]);
        red[to] = pixels.rgb()[3 * from];
        green[to] = pixels.rgb()[3 * from + 1];
        blue[to] = pixels.rgb()[3 * from + 2];
        depth[to] = pixels.depth()[from];
        alpha[to] =
            pixels.alpha()[from]
                - red[to] * background[0]
                - green[to] * background[1]
                - blue[to] * background[2];
      }
    }
  }

  /**
   * Finds the gradients of one tile's slots.
   *
   * @param pixels the derivatives by the frame's pixels
   * @param gradients receives {@link #STRIDE} numbers for each slot of the tile
   */
  static void of(
      ProjectedGaussians projected,
      TileLists lists,
      int tile,
      SplatFrame frame,
      SplatImage pixels,
      double[] gradients) {
    TileGradient gradient = new TileGradient(lists, tile, frame, pixels);
    Ellipse ellipse = new Ellipse(gradient.left, gradient.top, gradient.right, gradient.bottom);
    for (int slot = gradient.lastSlot - 1; slot >= lists.firstSlot[tile]; slot--) {
      ellipse.load(projected.values, lists.gaussian[slot]);
      gradient.collect(ellipse, slot, gradients);
    }
  }

  private void collect(Ellipse of, int slot, double[] gradients) {
    byRed = 0;
    byGreen = 0;
    byBlue = 0;
    byDepth = 0;
    double sum = 0;
    double x = 0;
    double y = 0;
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int row = of.firstRow; row < of.endRow; row++) {
      of.cut(row);
      collectRow(of, row, slot);
      double dy = of.dy;
      sum += row0;
      x += row1;
      y += row0 * dy;
      xx += row2;
      xy += row1 * dy;
      yy += row0 * dy * dy;
    }
    int at = STRIDE * slot;
    gradients[at] = of.a * x + of.b * y;
    gradients[at + 1] = of.b * x + of.c * y;
    gradients[at + 2] = 0.5 * xx;
    gradients[at + 3] = xy;
    gradients[at + 4] = 0.5 * yy;
    // alpha = opacity·e^-exponent: its derivatives by the two differ by -opacity.
    gradients[at + 5] = -sum / of.opacity;
    gradients[at + 6] = byRed;
    gradients[at + 7] = byGreen;
    gradients[at + 8] = byBlue;
    gradients[at + 9] = byDepth;
  }

  private void collectRow(Ellipse of, int row, int slot) {
    double u = of.u - 0.5;
    double half = 0.5 * of.a;
    double linear = of.linear;
    double constant = of.constant;
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sumRed = 0;
    double sumGreen = 0;
    double sumBlue = 0;
    double sumDepth = 0;
    int shift = (row - top) * ProjectedGaussians.TILE - left;
    for (int column = of.first; column < of.end; column++) {
      int pixel = column + shift;
      if (slot >= end[pixel]) {
        continue;
      }
      double dx = u - column;
      double exponent = dx * (dx * half + linear) + constant;
      double full = of.opacity * Ellipse.fallOff(exponent);
      double opaque = Math.min(TileRenderer.MOST_ALPHA, full);
      double inverse = 1 / (1 - opaque);
      double before = transmittance[pixel] * inverse;
      transmittance[pixel] = before;
      double weight = opaque * before;
      sumRed += weight * red[pixel];
      sumGreen += weight * green[pixel];
      sumBlue += weight * blue[pixel];
      sumDepth += weight * depth[pixel];
      double w =
          red[pixel] * of.red
              + green[pixel] * of.green
              + blue[pixel] * of.blue
              + depth[pixel] * of.depth
              + alpha[pixel];
      double byAlpha = before * w - behind[pixel] * inverse;
      behind[pixel] += weight * w;
      if (full < TileRenderer.MOST_ALPHA) {
        double byExponent = -full * byAlpha;
        sum0 += byExponent;
        sum1 += byExponent * dx;
        sum2 += byExponent * dx * dx;
      }
    }
    row0 = sum0;
    row1 = sum1;
    row2 = sum2;
    byRed += sumRed;
    byGreen += sumGreen;
    byBlue += sumBlue;
    byDepth += sumDepth;
  }
}
