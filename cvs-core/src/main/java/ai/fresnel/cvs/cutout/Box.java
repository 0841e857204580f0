package ai.fresnel.cvs.cutout;

import java.util.Locale;

/**
 * A box in a photograph, in pixels from its top left corner. It may reach beyond the photograph.
 *
 * @param x its left edge
 * @param y its upper edge
 * @param width above 0
 * @param height above 0
 */
public record Box(double x, double y, double width, double height) {

  private static final String FORM = "expected X,Y,WIDTH,HEIGHT in pixels or each with %";

  /**
   * Checks the numbers.
   *
   * @param x as above
   * @param y as above
   * @param width as above
   * @param height as above
   * @throws IllegalArgumentException if a number is not finite, or a side not above 0
   */
  public Box {
    if (!Double.isFinite(x + y + width + height) || width <= 0 || height <= 0) {
      throw new IllegalArgumentException(
          String.format("box is %s,%s,%s,%s, expected sides above 0", x, y, width, height));
    }
  }

  /**
   * Reads a box.
   *
   * @param text {@code X,Y,WIDTH,HEIGHT}, each in pixels, or in percent of the photograph's width
   *     or height with a % sign
   * @param photographWidth pixels
   * @param photographHeight pixels
   * @return the box
   * @throws IllegalArgumentException if the text has another form
   */
  public static Box parse(String text, int photographWidth, int photographHeight) {
    String[] parts = text.split(",", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("box is " + text + ", " + FORM);
    }
    double[] values = new double[4];
    for (int i = 0; i < 4; i++) {
      String part = parts[i].trim();
      boolean percent = part.endsWith("%");
      try {
        values[i] = Double.parseDouble(percent ? part.substring(0, part.length() - 1) : part);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("box is " + text + ", " + FORM, e);
      }
      if (percent) {
        values[i] *= (i % 2 == 0 ? photographWidth : photographHeight) / 100.0;
      }
    }
    return new Box(values[0], values[1], values[2], values[3]);
  }

  /**
   * Grows the box on all sides.
   *
   * @param pixels how far; below 0 to shrink it
   * @return the grown box
   * @throws IllegalArgumentException if nothing is left
   */
  public Box grown(double pixels) {
    return new Box(x - pixels, y - pixels, width + 2 * pixels, height + 2 * pixels);
  }

  boolean contains(double u, double v) {
    return u >= x && u < x + width && v >= y && v < y + height;
  }

  @Override
  public String toString() {
    return plain(x) + "," + plain(y) + "," + plain(width) + "," + plain(height);
  }

  private static String plain(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
