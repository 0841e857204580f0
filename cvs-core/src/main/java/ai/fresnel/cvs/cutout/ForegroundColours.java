package ai.fresnel.cvs.cutout;

/**
 * Estimates the object's own colours where it is translucent, so that no fringe of the old
 * background shows on a new one.
 *
 * <p>A pixel mixes object and background: colour = alpha · object + (1 - alpha) · background. Both
 * are first spread from opaque and from empty pixels by a pyramid (pull and push, as the
 * multi-level method of Germer and others, 2020, goes from coarse to fine), then changed as little
 * as explains the pixel.
 */
public final class ForegroundColours {

  /** Cells of the finest level of the pyramid, about; bounds time and memory. */
  private static final long MOST_CELLS = 1 << 20;

  /** Alpha from which a pixel counts as opaque, and to which it counts as empty. */
  private static final int OPAQUE = 250;

  private static final int EMPTY = 5;

  /** How reluctantly the spread colours change. */
  private static final double RELUCTANCE = 0.2;

  private ForegroundColours() {}

  /**
   * Estimates.
   *
   * @param rgba 8-bit sRGB as photographed with the object's alpha, (height, width, 4) row by row;
   *     left as it is
   * @param width pixels
   * @param height pixels
   * @return a copy with the object's colours in translucent pixels; the rest is as it was, and so
   *     is all if no pixel is opaque or none is empty
   * @throws IllegalArgumentException if the array's length is not 4·width·height
   */
  public static byte[] estimate(byte[] rgba, int width, int height) {
    if (rgba.length != 4L * width * height) {
      throw new IllegalArgumentException(
          "photograph has " + rgba.length + " bytes, expected " + 4L * width * height);
    }
    byte[] result = rgba.clone();
    if (!isTranslucent(rgba)) {
      return result;
    }
    int cell = 1;
    while ((long) width * height > MOST_CELLS * cell * cell) {
      cell *= 2;
    }
    ColourPyramid object = new ColourPyramid(rgba, width, height, cell, OPAQUE, 255);
    ColourPyramid ground = new ColourPyramid(rgba, width, height, cell, 0, EMPTY);
    if (object.isEmpty() || ground.isEmpty()) {
      return result;
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 4 * (y * width + x);
        double alpha = (rgba[at + 3] & 255) / 255.0;
        if (alpha > 0 && alpha < 1) {
          double pull = alpha / (RELUCTANCE + alpha * alpha + (1 - alpha) * (1 - alpha));
          for (int c = 0; c < 3; c++) {
            double own = object.colour(x, y, c);
            double mixed = alpha * own + (1 - alpha) * ground.colour(x, y, c);
            double value = own + pull * ((rgba[at + c] & 255) - mixed);
            result[at + c] = (byte) Math.round(Math.min(255, Math.max(0, value)));
          }
        }
      }
    }
    return result;
  }

  private static boolean isTranslucent(byte[] rgba) {
    for (int i = 3; i < rgba.length; i += 4) {
      if (rgba[i] != 0 && rgba[i] != (byte) 255) {
        return true;
      }
    }
    return false;
  }
}
