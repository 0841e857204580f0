package ai.fresnel.cvs.background;

/**
 * A photograph reduced by a whole factor, for what needs no detail: the light on its background.
 * Averaging takes the noise away and bounds the work.
 */
final class ReducedImage {

  /** The longest side, about. */
  private static final int SIDE = 512;

  final int width;
  final int height;

  /** How many columns and rows of the photograph make one. */
  final int factor;

  /** (height, width, 3), 0 to 255. */
  private final float[] rgb;

  private ReducedImage(int width, int height, int factor, float[] rgb) {
    this.width = width;
    this.height = height;
    this.factor = factor;
    this.rgb = rgb;
  }

  /** Averages the colours of opaque pixels; what is left at the right and the bottom is a cell. */
  static ReducedImage of(byte[] rgba, int width, int height) {
    int factor = Math.max(width, height) / SIDE;
    factor = Math.max(1, Math.min(factor, Math.min(width, height) / 8));
    int w = (width + factor - 1) / factor;
    int h = (height + factor - 1) / factor;
    float[] rgb = new float[3 * w * h];
    for (int y = 0; y < h; y++) {
      int bottom = Math.min(height, (y + 1) * factor);
      for (int x = 0; x < w; x++) {
        int right = Math.min(width, (x + 1) * factor);
        float share = 1f / ((bottom - y * factor) * (right - x * factor));
        for (int v = y * factor; v < bottom; v++) {
          for (int u = x * factor; u < right; u++) {
            for (int c = 0; c < 3; c++) {
              rgb[3 * (y * w + x) + c] += share * (rgba[4 * (v * width + u) + c] & 255);
            }
          }
        }
      }
    }
    return new ReducedImage(w, h, factor, rgb);
  }

  float value(int cell, int channel) {
    return rgb[3 * cell + channel];
  }

  int cells() {
    return width * height;
  }

  /** Across, -1 to 1. */
  double u(int cell) {
    return (2.0 * (cell % width) + 1) / width - 1;
  }

  /** Down, -1 to 1. */
  double v(int cell) {
    return (2.0 * Math.floorDiv(cell, width) + 1) / height - 1;
  }

  /** Returns the cells along the edge. */
  int[] border() {
    return border(width, height);
  }

  static int[] border(int width, int height) {
    int[] border = new int[2 * (width + height) - 4];
    int at = 0;
    for (int x = 0; x < width; x++) {
      border[at++] = x;
      border[at++] = (height - 1) * width + x;
    }
    for (int y = 1; y < height - 1; y++) {
      border[at++] = y * width;
      border[at++] = y * width + width - 1;
    }
    return border;
  }

  /** Averages 3×3 cells. */
  ReducedImage smoothed() {
    float[] smooth = new float[rgb.length];
    for (int y = 0; y < height; y++) {
      int top = Math.max(0, y - 1);
      int bottom = Math.min(height - 1, y + 1);
      for (int x = 0; x < width; x++) {
        int left = Math.max(0, x - 1);
        int right = Math.min(width - 1, x + 1);
        float share = 1f / ((bottom - top + 1) * (right - left + 1));
        for (int v = top; v <= bottom; v++) {
          for (int u = left; u <= right; u++) {
            for (int c = 0; c < 3; c++) {
              smooth[3 * (y * width + x) + c] += share * rgb[3 * (v * width + u) + c];
            }
          }
        }
      }
    }
    return new ReducedImage(width, height, factor, smooth);
  }
}
