package ai.fresnel.cvs.cutout;

/**
 * The part of a photograph where the object is sought, reduced to square cells whose number is
 * bounded.
 */
final class Window {

  /** Samples of a cell across and down, at most; bounds the work for a photograph of any size. */
  private static final int MOST_SAMPLES = 4;

  final int left;
  final int top;
  final int right;
  final int bottom;
  final int width;
  final int height;

  /** Side of a cell in pixels, 1 or more. */
  final double cell;

  /** (height, width, 3), 0 to 255. */
  final float[] rgb;

  /** Cuts out pixels from left, top to below right, bottom. */
  Window(byte[] rgba, int photographWidth, int[] edges, int mostCells) {
    left = edges[0];
    top = edges[1];
    right = edges[2];
    bottom = edges[3];
    int across = right - left;
    int down = bottom - top;
    cell = Math.max(1, (double) Math.max(across, down) / mostCells);
    width = (int) Math.max(1, Math.round(across / cell));
    height = (int) Math.max(1, Math.round(down / cell));
    rgb = new float[3 * width * height];
    int samples = (int) Math.min(MOST_SAMPLES, Math.ceil(cell));
    float share = 1f / (samples * samples);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 3 * (y * width + x);
        for (int i = 0; i < samples * samples; i++) {
          double u = left + (x + (i % samples + 0.5) / samples) * cell;
          double v = top + (y + (Math.floorDiv(i, samples) + 0.5) / samples) * cell;
          int column = Math.min(right - 1, (int) u);
          int row = Math.min(bottom - 1, (int) v);
          int pixel = 4 * (row * photographWidth + column);
          for (int c = 0; c < 3; c++) {
            rgb[at + c] += share * (rgba[pixel + c] & 255);
          }
        }
      }
    }
  }

  int cells() {
    return width * height;
  }

  /** Returns the middle of a column of cells, in pixels of the photograph. */
  double u(int x) {
    return Math.min(right - 0.5, left + (x + 0.5) * cell);
  }

  /** Returns the middle of a row of cells, in pixels of the photograph. */
  double v(int y) {
    return Math.min(bottom - 0.5, top + (y + 0.5) * cell);
  }

  /** Returns the square of the difference of two cells' colours. */
  double difference(int a, int b) {
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      double difference = rgb[3 * a + c] - rgb[3 * b + c];
      sum += difference * difference;
    }
    return sum;
  }
}
