package ai.fresnel.cvs.train.image;

/** A decoded image: 8-bit sRGB and straight alpha. */
public final class RgbaImage {

  private final int width;
  private final int height;
  private final byte[] rgba;

  private RgbaImage(int width, int height, byte[] rgba) {
    this.width = width;
    this.height = height;
    this.rgba = rgba;
  }

  /**
   * Makes an image of pixels.
   *
   * @param width pixels, at least 1
   * @param height pixels, at least 1
   * @param rgba 8-bit sRGB and straight alpha, (height, width, 4) row by row from the top; not
   *     copied
   * @return the image
   * @throws IllegalArgumentException if the sizes do not agree
   */
  public static RgbaImage of(int width, int height, byte[] rgba) {
    if (width < 1 || height < 1 || rgba.length != 4L * width * height) {
      throw new IllegalArgumentException(
          "image of " + width + "×" + height + " pixels with " + rgba.length + " bytes");
    }
    return new RgbaImage(width, height, rgba);
  }

  /**
   * Returns the width.
   *
   * @return pixels
   */
  public int width() {
    return width;
  }

  /**
   * Returns the height.
   *
   * @return pixels
   */
  public int height() {
    return height;
  }

  /**
   * Returns the pixels.
   *
   * @return (height, width, 4) row by row from the top, red, green, blue and straight alpha; the
   *     array itself, not a copy
   */
  public byte[] rgba() {
    return rgba;
  }

  /**
   * Returns a pixel as {@code BufferedImage.getRGB} packs it.
   *
   * @param x column from the left
   * @param y row from the top
   * @return 0xAARRGGBB
   */
  public int argb(int x, int y) {
    int at = 4 * (y * width + x);
    return (rgba[at + 3] & 255) << 24
        | (rgba[at] & 255) << 16
        | (rgba[at + 1] & 255) << 8
        | (rgba[at + 2] & 255);
  }
}
