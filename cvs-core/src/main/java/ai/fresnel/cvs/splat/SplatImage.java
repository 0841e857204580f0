package ai.fresnel.cvs.splat;

import java.util.Objects;

/**
 * An image of Gaussians, or one number for each of its numbers, such as a gradient. Shares its
 * arrays.
 *
 * @param width W in pixels
 * @param height H in pixels
 * @param rgb (H, W, 3), red, green and blue over the background, 0 to 1 where the Gaussians'
 *     colours are
 * @param alpha (H, W), the share of the background that is covered, 0 to 1
 * @param depth (H, W), depths along the optical axis in world units, each times its Gaussian's
 *     share of the pixel: divide by alpha for their mean
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
public record SplatImage(int width, int height, float[] rgb, float[] alpha, float[] depth) {

  /**
   * Checks the lengths.
   *
   * @param width at least 1
   * @param height at least 1
   * @param rgb as above
   * @param alpha as above
   * @param depth as above
   * @throws IllegalArgumentException naming the array whose length is wrong
   */
  public SplatImage {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "image is " + width + "×" + height + " pixels, expected at least 1×1");
    }
    requireLength(rgb, "rgb", 3L * width * height);
    requireLength(alpha, "alpha", (long) width * height);
    requireLength(depth, "depth", (long) width * height);
  }

  /**
   * Makes an image of zeros.
   *
   * @param width in pixels, at least 1
   * @param height in pixels, at least 1
   * @return the image
   * @throws IllegalArgumentException if a side is below 1 or an array would be longer than Java
   *     allows
   */
  public static SplatImage zeros(int width, int height) {
    if (width < 1 || height < 1 || 3L * width * height > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "image is " + width + "×" + height + " pixels, expected at least 1×1 that fit an array");
    }
    int pixels = width * height;
    return new SplatImage(
        width, height, new float[3 * pixels], new float[pixels], new float[pixels]);
  }

  private static void requireLength(float[] values, String name, long expected) {
    Objects.requireNonNull(values, name + " is null");
    if (values.length != expected) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " values, expected " + expected);
    }
  }
}
