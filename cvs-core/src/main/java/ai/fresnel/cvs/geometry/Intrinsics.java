package ai.fresnel.cvs.geometry;

import java.util.Objects;

/**
 * A pinhole lens and its image.
 *
 * <p>Pixel coordinates run from (0, 0) at the outer corner of the top left pixel to (width,
 * height): the centre of pixel (column i, row j) is (i + 0.5, j + 0.5), and the middle of the image
 * is (width / 2, height / 2).
 *
 * @param fx horizontal focal length in pixels, above 0
 * @param fy vertical focal length in pixels, above 0
 * @param cx principal point from the left edge in pixels
 * @param cy principal point from the top edge in pixels
 * @param width the image's width in pixels, above 0
 * @param height the image's height in pixels, above 0
 */
public record Intrinsics(double fx, double fy, double cx, double cy, int width, int height) {

  /**
   * The field of view of Zero123's renderings in radians, 49.13 degrees: Blender's 35 mm lens on a
   * 32 mm sensor.
   */
  public static final double ZERO123_FIELD_OF_VIEW = Math.toRadians(49.13);

  /**
   * Checks the values.
   *
   * @param fx above 0
   * @param fy above 0
   * @param cx finite
   * @param cy finite
   * @param width above 0
   * @param height above 0
   * @throws IllegalArgumentException if a value is out of its range
   */
  public Intrinsics {
    requireFocalLength(fx, "fx");
    requireFocalLength(fy, "fy");
    if (!Double.isFinite(cx) || !Double.isFinite(cy)) {
      throw new IllegalArgumentException(
          "principal point is (" + cx + ", " + cy + "), expected finite numbers");
    }
    if (width <= 0 || height <= 0) {
      throw new IllegalArgumentException(
          "image is " + width + "×" + height + " pixels, expected at least 1×1");
    }
  }

  /**
   * Makes the lens of a square image with the principal point in its middle.
   *
   * @param horizontalRadians the angle between the left and the right edge, above 0 and below π
   * @param size both sides in pixels, above 0
   * @return the intrinsics
   * @throws IllegalArgumentException if a value is out of its range
   */
  public static Intrinsics fromFieldOfView(double horizontalRadians, int size) {
    if (!(horizontalRadians > 0 && horizontalRadians < Math.PI)) {
      throw new IllegalArgumentException(
          "field of view is " + horizontalRadians + " radians, expected above 0 and below π");
    }
    if (size <= 0) {
      throw new IllegalArgumentException("size is " + size + " pixels, expected at least 1");
    }
    double focal = size / (2 * Math.tan(horizontalRadians / 2));
    return new Intrinsics(focal, focal, size / 2.0, size / 2.0, size, size);
  }

  /**
   * Returns the horizontal focal length in image widths, fx / width.
   *
   * @return a ratio above 0; 1.094 for Zero123's field of view
   */
  public double normalisedFx() {
    return fx / width;
  }

  /**
   * Returns the vertical focal length in image widths, fy / width (not height: one unit for both).
   *
   * @return a ratio above 0
   */
  public double normalisedFy() {
    return fy / width;
  }

  /**
   * Projects a point onto the image.
   *
   * @param cameraPoint 3 values in camera axes: right, down, forward
   * @return (u, v) in pixels; may lie outside the image
   * @throws IllegalArgumentException if the point is not in front of the camera
   */
  public double[] project(double[] cameraPoint) {
    Objects.requireNonNull(cameraPoint, "cameraPoint is null");
    double depth = cameraPoint[2];
    if (!(depth > 0)) {
      throw new IllegalArgumentException(
          "point has depth " + depth + ", expected above 0: in front of the camera");
    }
    return new double[] {cx + fx * cameraPoint[0] / depth, cy + fy * cameraPoint[1] / depth};
  }

  private static void requireFocalLength(double value, String name) {
    if (!(value > 0) || !Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + " pixels, expected above 0");
    }
  }
}
