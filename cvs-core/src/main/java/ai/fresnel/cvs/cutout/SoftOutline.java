package ai.fresnel.cvs.cutout;

/**
 * Enlarges the cells of an object to the photograph's pixels, with a soft outline that follows the
 * photograph's colours: the fast guided filter of He and Sun (2015). In a small neighbourhood alpha
 * is a linear function of colour; the function is fitted on the cells and taken at each pixel.
 */
final class SoftOutline {

  /** Radius of the neighbourhood, cells. */
  private static final int RADIUS = 2;

  /** Variance of colour below which there is no edge to follow, in levels of 255. */
  private static final double SMOOTH = 60;

  /** Share of the range of alpha at each end that is noise of the fit. */
  private static final double NOISE = 0.1;

  private final Window window;
  private final boolean[] object;
  private final byte[] known;

  /** What a pixel's alpha is a function of: weights of red, green and blue, and a constant. */
  private final float[][] weights = new float[4][];

  SoftOutline(Window window, boolean[] object, byte[] known) {
    this.window = window;
    this.object = object;
    this.known = known;
  }

  /** Returns alpha of all pixels of the photograph. */
  byte[] alpha(byte[] rgba, int width, int height) {
    byte[] alpha = new byte[width * height];
    fit();
    boolean[] outline = outline();
    for (int v = window.top; v < window.bottom; v++) {
      double y = (v - window.top + 0.5) / window.cell;
      int row = Math.min(window.height - 1, (int) y) * window.width;
      for (int u = window.left; u < window.right; u++) {
        double x = (u - window.left + 0.5) / window.cell;
        int cell = row + Math.min(window.width - 1, (int) x);
        int pixel = v * width + u;
        if (outline[cell]) {
          alpha[pixel] = soft(rgba, pixel, x - 0.5, y - 0.5);
        } else {
          alpha[pixel] = (byte) (object[cell] ? 255 : 0);
        }
      }
    }
    return alpha;
  }

  /** Returns the cells near the outline, but for those that a person told. */
  private boolean[] outline() {
    float[] share = new float[object.length];
    for (int cell = 0; cell < share.length; cell++) {
      share[cell] = object[cell] ? 1 : 0;
    }
    mean(share);
    boolean[] outline = new boolean[object.length];
    for (int cell = 0; cell < share.length; cell++) {
      outline[cell] = known[cell] == 0 && share[cell] > 1e-4 && share[cell] < 1 - 1e-4;
    }
    return outline;
  }

  private byte soft(byte[] rgba, int pixel, double x, double y) {
    double value = sample(weights[3], x, y);
    for (int c = 0; c < 3; c++) {
      value += sample(weights[c], x, y) * (rgba[4 * pixel + c] & 255);
    }
    double stretched = (value - NOISE) / (1 - 2 * NOISE);
    return (byte) Math.round(255 * Math.min(1, Math.max(0, stretched)));
  }

  private double sample(float[] of, double x, double y) {
    int left = (int) Math.min(window.width - 1, Math.max(0, Math.floor(x)));
    int top = (int) Math.min(window.height - 1, Math.max(0, Math.floor(y)));
    int right = Math.min(window.width - 1, left + 1);
    int bottom = Math.min(window.height - 1, top + 1);
    double across = Math.min(1, Math.max(0, x - left));
    double down = Math.min(1, Math.max(0, y - top));
    int row = top * window.width;
    int next = bottom * window.width;
    return (1 - down) * ((1 - across) * of[row + left] + across * of[row + right])
        + down * ((1 - across) * of[next + left] + across * of[next + right]);
  }

  /** Fits alpha as a function of colour around each cell, and averages the functions. */
  private void fit() {
    int cells = window.cells();
    // Means of red, green, blue, the object, and of the products of these with colours.
    float[][] means = new float[13][cells];
    for (int cell = 0; cell < cells; cell++) {
      int at = 4;
      for (int c = 0; c < 3; c++) {
        float value = window.rgb[3 * cell + c];
        means[c][cell] = value;
        means[at++][cell] = object[cell] ? value : 0;
        for (int d = c; d < 3; d++) {
          means[at++][cell] = value * window.rgb[3 * cell + d];
        }
      }
      means[3][cell] = object[cell] ? 1 : 0;
    }
    for (float[] each : means) {
      mean(each);
    }
    for (int i = 0; i < 4; i++) {
      weights[i] = new float[cells];
    }
    for (int cell = 0; cell < cells; cell++) {
      fit(means, cell);
    }
    for (float[] each : weights) {
      mean(each);
    }
  }

  private void fit(float[][] means, int cell) {
    double r = means[0][cell];
    double g = means[1][cell];
    double b = means[2][cell];
    double share = means[3][cell];
    // The order that fit() gives: 4 red·object, 5 rr, 6 rg, 7 rb, 8 green·object, 9 gg, 10 gb, …
    double rr = means[5][cell] - r * r + SMOOTH;
    double rg = means[6][cell] - r * g;
    double rb = means[7][cell] - r * b;
    double gg = means[9][cell] - g * g + SMOOTH;
    double gb = means[10][cell] - g * b;
    double bb = means[12][cell] - b * b + SMOOTH;
    double ro = means[4][cell] - r * share;
    double go = means[8][cell] - g * share;
    double bo = means[11][cell] - b * share;
    double c0 = gg * bb - gb * gb;
    double c1 = rb * gb - rg * bb;
    double c2 = rg * gb - rb * gg;
    double determinant = rr * c0 + rg * c1 + rb * c2;
    double red = (c0 * ro + c1 * go + c2 * bo) / determinant;
    double green = (c1 * ro + (rr * bb - rb * rb) * go + (rg * rb - rr * gb) * bo) / determinant;
    double blue = (c2 * ro + (rg * rb - rr * gb) * go + (rr * gg - rg * rg) * bo) / determinant;
    weights[0][cell] = (float) red;
    weights[1][cell] = (float) green;
    weights[2][cell] = (float) blue;
    weights[3][cell] = (float) (share - red * r - green * g - blue * b);
  }

  /** Replaces values by the means of their neighbourhoods, cut off at the window's edges. */
  private void mean(float[] values) {
    double[] line = new double[Math.max(window.width, window.height) + 1];
    for (int y = 0; y < window.height; y++) {
      mean(values, y * window.width, 1, window.width, line);
    }
    for (int x = 0; x < window.width; x++) {
      mean(values, x, window.width, window.height, line);
    }
  }

  private static void mean(float[] values, int start, int step, int count, double[] sums) {
    for (int i = 0; i < count; i++) {
      sums[i + 1] = sums[i] + values[start + i * step];
    }
    for (int i = 0; i < count; i++) {
      int from = Math.max(0, i - RADIUS);
      int to = Math.min(count, i + RADIUS + 1);
      values[start + i * step] = (float) ((sums[to] - sums[from]) / (to - from));
    }
  }
}
