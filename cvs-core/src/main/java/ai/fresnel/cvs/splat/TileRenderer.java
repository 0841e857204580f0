package ai.fresnel.cvs.splat;

import java.util.Arrays;

/**
 * Composites the Gaussians of one tile front to back: c = Σ T·alpha·c_i, where T is what the
 * Gaussians before let through (Kerbl et al. 2023, equation 3). Gaussians are the outer loop and
 * pixels the inner one, on arrays that stay in the processor's cache.
 */
final class TileRenderer {

  /** The largest alpha of one Gaussian in one pixel. */
  static final double MOST_ALPHA = 0.99;

  /** A pixel is done before the Gaussian that would let less through. */
  private static final double LEAST_TRANSMITTANCE = 1e-4;

  static final int PIXELS = ProjectedGaussians.TILE * ProjectedGaussians.TILE;

  private final int left;
  private final int top;
  private final int right;
  private final int bottom;

  /** What is let through so far; negative in pixels that are done. */
  private final double[] transmittance = new double[PIXELS];

  private final double[] red = new double[PIXELS];
  private final double[] green = new double[PIXELS];
  private final double[] blue = new double[PIXELS];
  private final double[] depth = new double[PIXELS];

  /** One after the slot of the last Gaussian. */
  private final int[] end = new int[PIXELS];

  private int live;

  private TileRenderer(TileLists lists, int tile, SplatFrame frame) {
    left = tile % lists.columns * ProjectedGaussians.TILE;
    top = tile / lists.columns * ProjectedGaussians.TILE;
    right = Math.min(frame.width(), left + ProjectedGaussians.TILE);
    bottom = Math.min(frame.height(), top + ProjectedGaussians.TILE);
    live = (right - left) * (bottom - top);
    Arrays.fill(transmittance, 1);
  }

  /** Draws one tile of a frame. */
  static void draw(ProjectedGaussians projected, TileLists lists, int tile, SplatFrame frame) {
    TileRenderer renderer = new TileRenderer(lists, tile, frame);
    Ellipse ellipse = new Ellipse(renderer.left, renderer.top, renderer.right, renderer.bottom);
    int last = lists.firstSlot[tile + 1];
    for (int slot = lists.firstSlot[tile]; slot < last && renderer.live > 0; slot++) {
      ellipse.load(projected.values, lists.gaussian[slot]);
      for (int row = ellipse.firstRow; row < ellipse.endRow; row++) {
        ellipse.cut(row);
        renderer.blend(ellipse, row, slot + 1);
      }
    }
    renderer.store(frame);
  }

  private void blend(Ellipse from, int row, int endSlot) {
    double u = from.u - 0.5;
    double half = 0.5 * from.a;
    double linear = from.linear;
    double constant = from.constant;
    int shift = (row - top) * ProjectedGaussians.TILE - left;
    for (int column = from.first; column < from.end; column++) {
      int pixel = column + shift;
      double before = transmittance[pixel];
      if (before < 0) {
        continue;
      }
      double dx = u - column;
      double exponent = dx * (dx * half + linear) + constant;
      double alpha = Math.min(MOST_ALPHA, from.opacity * Ellipse.fallOff(exponent));
      double after = before * (1 - alpha);
      if (after <= LEAST_TRANSMITTANCE) {
        transmittance[pixel] = -before;
        live--;
        continue;
      }
      double weight = alpha * before;
      red[pixel] += weight * from.red;
      green[pixel] += weight * from.green;
      blue[pixel] += weight * from.blue;
      depth[pixel] += weight * from.depth;
      transmittance[pixel] = after;
      end[pixel] = endSlot;
    }
  }

  private void store(SplatFrame frame) {
    double[] background = frame.background();
    for (int row = top; row < bottom; row++) {
      for (int column = left; column < right; column++) {
        int from = (row - top) * ProjectedGaussians.TILE + column - left;
        int to = row * frame.width() + column;
        double through = Math.abs(transmittance[from]);
        frame.transmittance[to] = through;
        frame.end[to] = end[from];
        SplatImage image = frame.image();
        image.rgb()[3 * to] = (float) (red[from] + through * background[0]);
        image.rgb()[3 * to + 1] = (float) (green[from] + through * background[1]);
        image.rgb()[3 * to + 2] = (float) (blue[from] + through * background[2]);
        image.alpha()[to] = (float) (1 - through);
        image.depth()[to] = (float) depth[from];
      }
    }
  }
}
