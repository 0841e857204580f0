package ai.fresnel.cvs.train.image;

import java.io.IOException;
import java.util.Arrays;

/**
 * A mask: where an image shows the object. Files of masks come in many kinds; {@link MaskRule} says
 * which one was found. It is looked for in this order: alpha, 0 and 1, palette, colour, grey.
 */
public final class Mask {

  private static final int HALF = 128;
  private static final int COLOURED = 64;

  /** How much channels differ by the noise of a JPEG. */
  private static final int NEARLY_GREY = 32;

  /** How far from the object its soft outline reaches, pixels. */
  private static final int OUTLINE = 2;

  private final int width;
  private final int height;
  private final byte[] coverage;
  private final MaskRule rule;

  private Mask(int width, int height, byte[] coverage, MaskRule rule) {
    this.width = width;
    this.height = height;
    this.coverage = coverage;
    this.rule = rule;
  }

  /**
   * Reads a mask as it is stored, whatever EXIF says.
   *
   * @param file the image
   * @param most the most pixels to keep, as {@link ImageFile#readWithin} does
   * @return the mask
   * @throws IOException naming the file if it is damaged or cut off
   */
  public static Mask read(ImageFile file, long most) throws IOException {
    int step = file.stepWithin(most);
    PixelDecoder pixels = file.decode(step, step);
    RgbaImage image = pixels.numbers();
    byte[] indices = pixels.indices();
    return indices != null && isByIndex(image, indices) ? byIndex(image, indices) : of(image);
  }

  /**
   * Reads a mask and turns it upright by its EXIF data, for a photograph that is turned too.
   *
   * @param file the image
   * @param most the most pixels to keep, as {@link ImageFile#readWithin} does
   * @return the mask
   * @throws IOException naming the file if it is damaged or cut off
   */
  public static Mask readUpright(ImageFile file, long most) throws IOException {
    Mask mask = read(file, most);
    RgbaImage upright = file.upright(mask.image());
    byte[] turned = new byte[mask.coverage.length];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = upright.rgba()[4 * i];
    }
    return new Mask(upright.width(), upright.height(), turned, mask.rule);
  }

  /**
   * Judges the pixels of an image, without a palette.
   *
   * @param image the mask
   * @return the mask
   */
  public static Mask of(RgbaImage image) {
    byte[] rgba = image.rgba();
    int count = image.width() * image.height();
    int highest = 0;
    boolean opaque = true;
    boolean coloured = false;
    for (int i = 0; i < rgba.length; i += 4) {
      int r = rgba[i] & 255;
      int g = rgba[i + 1] & 255;
      int b = rgba[i + 2] & 255;
      int most = Math.max(r, Math.max(g, b));
      opaque &= rgba[i + 3] == (byte) 255;
      highest = Math.max(highest, most);
      coloured |= most - Math.min(r, Math.min(g, b)) > NEARLY_GREY;
    }
    byte[] coverage = new byte[count];
    MaskRule rule;
    if (!opaque) {
      rule = MaskRule.ALPHA;
    } else if (highest <= 1) {
      rule = MaskRule.BINARY;
    } else {
      rule = coloured ? MaskRule.COLOUR : MaskRule.GREY;
    }
    for (int i = 0; i < count; i++) {
      int r = rgba[4 * i] & 255;
      int g = rgba[4 * i + 1] & 255;
      int b = rgba[4 * i + 2] & 255;
      int most = Math.max(r, Math.max(g, b));
      coverage[i] =
          switch (rule) {
            case ALPHA -> rgba[4 * i + 3];
            case BINARY -> (byte) (most == 0 ? 0 : 255);
            case COLOUR -> (byte) (most < COLOURED ? 0 : 255);
            default -> (byte) Math.round((r + g + b) / 3f);
          };
    }
    return new Mask(
        image.width(),
        image.height(),
        rule == MaskRule.GREY ? objectAndOutline(coverage, image.width()) : coverage,
        rule);
  }

  /**
   * Whether a palette numbers objects, rather than being a shorter way to store grey or a colour on
   * black: its first colour is black, or no pixel is.
   */
  private static boolean isByIndex(RgbaImage image, byte[] indices) {
    byte[] rgba = image.rgba();
    boolean grey = true;
    boolean bright = false;
    boolean blackElsewhere = false;
    for (int i = 0; i < indices.length; i++) {
      int r = rgba[4 * i] & 255;
      int g = rgba[4 * i + 1] & 255;
      int b = rgba[4 * i + 2] & 255;
      if (rgba[4 * i + 3] != (byte) 255) {
        return false;
      }
      grey &= r == g && g == b;
      bright |= r >= HALF;
      blackElsewhere |= indices[i] != 0 && r + g + b == 0;
    }
    return !(grey && bright) && !blackElsewhere;
  }

  private static Mask byIndex(RgbaImage image, byte[] indices) {
    byte[] coverage = new byte[indices.length];
    for (int i = 0; i < coverage.length; i++) {
      coverage[i] = (byte) (indices[i] == 0 ? 0 : 255);
    }
    return new Mask(image.width(), image.height(), coverage, MaskRule.PALETTE);
  }

  /** Keeps values of half and more, and lower ones near them. */
  private static byte[] objectAndOutline(byte[] grey, int width) {
    int height = grey.length / width;
    byte[] kept = new byte[grey.length];
    for (int i = 0; i < grey.length; i++) {
      if ((grey[i] & 255) < HALF) {
        continue;
      }
      int x = i % width;
      int y = i / width;
      for (int v = Math.max(0, y - OUTLINE); v <= Math.min(height - 1, y + OUTLINE); v++) {
        int from = v * width + Math.max(0, x - OUTLINE);
        int to = v * width + Math.min(width - 1, x + OUTLINE);
        System.arraycopy(grey, from, kept, from, to - from + 1);
      }
    }
    return kept;
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
   * Returns the rule by which the object was found.
   *
   * @return the rule
   */
  public MaskRule rule() {
    return rule;
  }

  /**
   * Returns how much of a pixel is the object.
   *
   * @param x column from the left
   * @param y row from the top
   * @return 0 for none to 255 for all; from 128 on the pixel belongs to the object
   */
  public int coverage(int x, int y) {
    return coverage[y * width + x] & 255;
  }

  /**
   * Returns the mask as an image, white on black.
   *
   * @return coverage as opaque grey
   */
  public RgbaImage image() {
    byte[] rgba = new byte[4 * coverage.length];
    Arrays.fill(rgba, (byte) 255);
    for (int i = 0; i < coverage.length; i++) {
      Arrays.fill(rgba, 4 * i, 4 * i + 3, coverage[i]);
    }
    return RgbaImage.of(width, height, rgba);
  }
}
