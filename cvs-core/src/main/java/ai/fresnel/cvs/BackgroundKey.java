package ai.fresnel.cvs;

import java.util.Arrays;

/**
 * Cuts an object out of a plain background. Pixels of the border's colour that are connected to the
 * photograph's border become transparent. Pixels along the outline that mix both colours become
 * translucent. Background seen through holes of the object stays.
 */
final class BackgroundKey {

  /** Tolerance of a background channel around the border's median, for uneven light. */
  private static final int TOLERANCE = 28;

  /** Least share of the border that must be background; the object may be cut off on one side. */
  private static final double PLAIN = 0.75;

  /** Radius in pixels around an outline pixel in which the object's own colour is sampled. */
  private static final int REACH = 2;

  private final byte[] rgba;
  private final int width;
  private final int height;
  private final boolean[] background;
  private final int[] colour = new int[3];

  private BackgroundKey(byte[] rgba, int width, int height) {
    this.rgba = rgba;
    this.width = width;
    this.height = height;
    background = new boolean[width * height];
  }

  /**
   * Cuts out.
   *
   * @param rgba opaque pixels, left as they are
   * @param width pixels
   * @param height pixels
   * @return new pixels with straight alpha
   * @throws IllegalArgumentException if the border has several colours or no object differs from it
   */
  static byte[] cutOut(byte[] rgba, int width, int height) {
    BackgroundKey key = new BackgroundKey(rgba, width, height);
    int[] border = key.border();
    key.measure(border);
    key.fill(border);
    return key.soften();
  }

  private int[] border() {
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

  private void measure(int[] border) {
    for (int c = 0; c < 3; c++) {
      int[] values = new int[border.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = value(border[i], c);
      }
      Arrays.sort(values);
      colour[c] = values[values.length / 2];
    }
    long plain = Arrays.stream(border).filter(this::isNear).count();
    if (plain < PLAIN * border.length) {
      throw new IllegalArgumentException(
          "photograph's background is neither transparent nor plain ("
              + 100 * plain / border.length
              + " % of the border is of one colour, expected "
              + Math.round(100 * PLAIN)
              + " %): give a mask of the object, or take the photograph whole if it is framed");
    }
  }

  private int value(int pixel, int channel) {
    return rgba[4 * pixel + channel] & 255;
  }

  private boolean isNear(int pixel) {
    for (int c = 0; c < 3; c++) {
      if (Math.abs(value(pixel, c) - colour[c]) > TOLERANCE) {
        return false;
      }
    }
    return true;
  }

  private void fill(int[] border) {
    int[] stack = new int[width * height];
    int size = 0;
    for (int pixel : border) {
      size = push(stack, size, pixel);
    }
    int filled = 0;
    while (size > 0) {
      int pixel = stack[--size];
      filled++;
      int x = pixel % width;
      size = x > 0 ? push(stack, size, pixel - 1) : size;
      size = x < width - 1 ? push(stack, size, pixel + 1) : size;
      size = pixel >= width ? push(stack, size, pixel - width) : size;
      size = pixel < (height - 1) * width ? push(stack, size, pixel + width) : size;
    }
    if (filled == width * height) {
      throw new IllegalArgumentException("photograph shows nothing but a plain background");
    }
  }

  private int push(int[] stack, int size, int pixel) {
    if (background[pixel] || !isNear(pixel)) {
      return size;
    }
    background[pixel] = true;
    stack[size] = pixel;
    return size + 1;
  }

  private byte[] soften() {
    byte[] cut = rgba.clone();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int pixel = y * width + x;
        if (background[pixel]) {
          cut[4 * pixel + 3] = 0;
        } else if (isOutline(x, y)) {
          soften(cut, x, y);
        }
      }
    }
    return cut;
  }

  /** Of the object, with background beside it. */
  private boolean isOutline(int x, int y) {
    return (x > 0 && background[y * width + x - 1])
        || (x < width - 1 && background[y * width + x + 1])
        || (y > 0 && background[(y - 1) * width + x])
        || (y < height - 1 && background[(y + 1) * width + x]);
  }

  /** Splits a pixel's colour into the background's and that of the object beside it. */
  private void soften(byte[] cut, int x, int y) {
    int[] sum = new int[3];
    int count = 0;
    for (int v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v++) {
      for (int u = Math.max(0, x - REACH); u <= Math.min(width - 1, x + REACH); u++) {
        int pixel = v * width + u;
        if (!background[pixel] && !isOutline(u, v)) {
          for (int c = 0; c < 3; c++) {
            sum[c] += value(pixel, c);
          }
          count++;
        }
      }
    }
    if (count == 0) {
      return;
    }
    int pixel = y * width + x;
    double along = 0;
    double length = 0;
    for (int c = 0; c < 3; c++) {
      double contrast = (double) sum[c] / count - colour[c];
      along += contrast * (value(pixel, c) - colour[c]);
      length += contrast * contrast;
    }
    double alpha = length == 0 ? 1 : along / length;
    if (alpha < 1) {
      for (int c = 0; c < 3; c++) {
        cut[4 * pixel + c] = (byte) Math.round((float) sum[c] / count);
      }
      cut[4 * pixel + 3] = (byte) Math.round(255 * Math.max(0, alpha));
    }
  }
}
