package ai.fresnel.cvs.background;

import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts an object out of a plain background. Pixels of the border's colour that are connected to the
 * photograph's border become transparent; where light, noise or a shadow changes that colour,
 * {@link UnevenBackground} tells which pixels they are. Pixels along the outline that mix both
 * colours become translucent. Background seen through holes of the object stays.
 */
public final class BackgroundKey {

  /** Tolerance of a background channel around the border's median. */
  private static final int TOLERANCE = 28;

  /** Least share of the border that must be background; the object may be cut off on one side. */
  private static final double PLAIN = 0.75;

  /** Radius in pixels around an outline pixel in which the object's own colour is sampled. */
  private static final int REACH = 2;

  /** The most noise, departure of the light and soft outline of a background of one colour. */
  private static final double EVEN_NOISE = 5;

  private static final double EVEN_LIGHT = 10;
  private static final double EVEN_OUTLINE = 0.05;

  /** Median of absolute differences of two pixels to the standard deviation of one. */
  private static final double DIFFERENCE_TO_SIGMA = 1.4826 / Math.sqrt(2);

  private static final Logger LOGGER = LoggerFactory.getLogger(BackgroundKey.class);

  private final byte[] rgba;
  private final int width;
  private final int height;
  private final boolean[] background;
  private final int[] colour = new int[3];

  /** The light, where the background is not of one colour; else null. */
  private UnevenBackground light;

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
   * @throws IllegalArgumentException if the border is not smooth or no object differs from it
   */
  public static byte[] cutOut(byte[] rgba, int width, int height) {
    BackgroundKey key = new BackgroundKey(rgba, width, height);
    int[] border = ReducedImage.border(width, height);
    boolean plain = key.measure(border) >= PLAIN;
    double noise = key.noise();
    UnevenBackground light = UnevenBackground.of(rgba, width, height);
    boolean even = plain && noise <= EVEN_NOISE && light.departure(key.colour) <= EVEN_LIGHT;
    double soft = light.softOutline(key.colour, TOLERANCE);
    if (even && (soft <= EVEN_OUTLINE || !light.find(soft))) {
      if (soft > EVEN_OUTLINE) {
        LOGGER.warn(
            "photograph: {} % of the outline have no edge, a shadow may count as the object; give a"
                + " mask if the object is too small in the view",
            Math.round(100 * soft));
      }
      key.fill(border);
    } else {
      if (!even) {
        light.require();
      }
      key.light = light;
      key.fillByLight(Math.min(45, Math.max(20, 4 * noise + 4)));
    }
    key.requireObject();
    return key.soften();
  }

  static IllegalArgumentException notPlain(String how) {
    return new IllegalArgumentException(
        "photograph's background is neither transparent nor plain ("
            + how
            + "): give a mask of the object (--mask, Photograph.withMask), or take the photograph"
            + " whole if it is framed");
  }

  /** Takes the border's median colour; returns the share of the border that has it. */
  private double measure(int[] border) {
    for (int c = 0; c < 3; c++) {
      int[] values = new int[border.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = value(border[i], c);
      }
      Arrays.sort(values);
      colour[c] = values[values.length / 2];
    }
    return (double) Arrays.stream(border).filter(this::isNear).count() / border.length;
  }

  /** Returns the noise of the first row, from pixels beside each other, which share their light. */
  private double noise() {
    int[] differences = new int[3 * (width - 1)];
    for (int x = 0; x < width - 1; x++) {
      for (int c = 0; c < 3; c++) {
        differences[3 * x + c] = Math.abs(value(x, c) - value(x + 1, c));
      }
    }
    Arrays.sort(differences);
    return DIFFERENCE_TO_SIGMA * differences[differences.length / 2];
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

  /** Fills from the border, one ring of pixels after the other, which keeps the rings short. */
  private void fill(int[] border) {
    int[] ring = new int[border.length];
    int size = 0;
    for (int pixel : border) {
      if (isNew(pixel)) {
        ring[size++] = pixel;
      }
    }
    while (size > 0) {
      int[] next = new int[4 * size];
      int count = 0;
      for (int i = 0; i < size; i++) {
        int pixel = ring[i];
        int x = pixel % width;
        if (x > 0 && isNew(pixel - 1)) {
          next[count++] = pixel - 1;
        }
        if (x < width - 1 && isNew(pixel + 1)) {
          next[count++] = pixel + 1;
        }
        if (pixel >= width && isNew(pixel - width)) {
          next[count++] = pixel - width;
        }
        if (pixel < (height - 1) * width && isNew(pixel + width)) {
          next[count++] = pixel + width;
        }
      }
      ring = next;
      size = count;
    }
  }

  /** Marks a pixel as background; returns whether it is and was not marked. */
  private boolean isNew(int pixel) {
    if (background[pixel] || !isNear(pixel)) {
      return false;
    }
    background[pixel] = true;
    return true;
  }

  /** Takes the background from the light; decides pixels along the outline one by one. */
  private void fillByLight(double tolerance) {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int cell = light.cell(x, y);
        int pixel = y * width + x;
        background[pixel] = light.isBackground(cell);
        if (light.isOutline(cell)) {
          boolean near = true;
          for (int c = 0; c < 3; c++) {
            near &= Math.abs(value(pixel, c) - light.ground(cell, c)) <= tolerance;
          }
          background[pixel] = near;
        }
      }
    }
  }

  private void requireObject() {
    for (boolean each : background) {
      if (!each) {
        return;
      }
    }
    throw new IllegalArgumentException("photograph shows nothing but a plain background");
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
      double ground = light == null ? colour[c] : light.ground(light.cell(x, y), c);
      double contrast = (double) sum[c] / count - ground;
      along += contrast * (value(pixel, c) - ground);
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
