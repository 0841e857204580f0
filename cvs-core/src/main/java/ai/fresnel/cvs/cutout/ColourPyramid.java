package ai.fresnel.cvs.cutout;

/**
 * Spreads the colours of some pixels over all others: each level halves the one below, and cells
 * without a colour take that of the level above.
 */
final class ColourPyramid {

  private final int cell;
  private final int width;
  private final int height;

  /** (height, width, 4): the sum of colours, then their mean, and the number of pixels. */
  private final float[] sums;

  /** Takes the pixels whose alpha is in a range. */
  ColourPyramid(byte[] rgba, int width, int height, int cell, int least, int most) {
    this.cell = cell;
    this.width = (width + cell - 1) / cell;
    this.height = (height + cell - 1) / cell;
    sums = new float[4 * this.width * this.height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = 4 * (y * width + x);
        int alpha = rgba[from + 3] & 255;
        if (alpha >= least && alpha <= most) {
          int to = 4 * (Math.floorDiv(y, cell) * this.width + Math.floorDiv(x, cell));
          for (int c = 0; c < 3; c++) {
            sums[to + c] += rgba[from + c] & 255;
          }
          sums[to + 3]++;
        }
      }
    }
    fill(sums, this.width, this.height);
  }

  /** Turns sums into means, and gives empty cells the mean of the coarser level. */
  private static void fill(float[] sums, int width, int height) {
    if (width > 1 || height > 1) {
      int halfWidth = (width + 1) / 2;
      int halfHeight = (height + 1) / 2;
      float[] half = new float[4 * halfWidth * halfHeight];
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int to = 4 * ((y >> 1) * halfWidth + (x >> 1));
          for (int c = 0; c < 4; c++) {
            half[to + c] += sums[4 * (y * width + x) + c];
          }
        }
      }
      fill(half, halfWidth, halfHeight);
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int at = 4 * (y * width + x);
          for (int c = 0; c < 3 && sums[at + 3] == 0; c++) {
            sums[at + c] = sample(half, halfWidth, halfHeight, x / 2.0 - 0.25, y / 2.0 - 0.25, c);
          }
        }
      }
    }
    for (int at = 0; at < sums.length; at += 4) {
      for (int c = 0; c < 3 && sums[at + 3] > 0; c++) {
        sums[at + c] /= sums[at + 3];
      }
    }
  }

  private static float sample(float[] of, int width, int height, double x, double y, int c) {
    int left = (int) Math.min(width - 1, Math.max(0, Math.floor(x)));
    int top = (int) Math.min(height - 1, Math.max(0, Math.floor(y)));
    int right = Math.min(width - 1, left + 1);
    int bottom = Math.min(height - 1, top + 1);
    double across = Math.min(1, Math.max(0, x - left));
    double down = Math.min(1, Math.max(0, y - top));
    int row = 4 * top * width + c;
    int next = 4 * bottom * width + c;
    return (float)
        ((1 - down) * ((1 - across) * of[row + 4 * left] + across * of[row + 4 * right])
            + down * ((1 - across) * of[next + 4 * left] + across * of[next + 4 * right]));
  }

  /** Returns whether no pixel had a colour. */
  boolean isEmpty() {
    for (int at = 3; at < sums.length; at += 4) {
      if (sums[at] > 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns a channel at the middle of a pixel, 0 to 255. */
  double colour(int x, int y, int channel) {
    return sample(sums, width, height, (x + 0.5) / cell - 0.5, (y + 0.5) / cell - 0.5, channel);
  }
}
