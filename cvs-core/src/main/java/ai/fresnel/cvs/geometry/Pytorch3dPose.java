package ai.fresnel.cvs.geometry;

import java.util.Objects;

/**
 * Converts PyTorch3D's cameras, as CO3D stores them, to and from {@link CameraPose} and {@link
 * Intrinsics}. PyTorch3D multiplies rows: x_camera = x_world·R + T, with camera axes x left, y up,
 * z forward. The world is the same in both.
 */
public final class Pytorch3dPose {

  private Pytorch3dPose() {}

  /**
   * Reads a pose.
   *
   * @param rotation R, 9 values row by row
   * @param translation T, 3 values
   * @return the same camera
   * @throws IllegalArgumentException if a value is not finite or R is not a rotation
   */
  public static CameraPose toCameraPose(double[] rotation, double[] translation) {
    Vectors.requireFinite(rotation, 9, "rotation");
    Vectors.requireFinite(translation, 3, "translation");
    double[] columns = new double[9];
    double[] t = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        columns[3 * row + column] = flip(row, rotation[3 * column + row]);
      }
      t[row] = flip(row, translation[row]);
    }
    return CameraPose.of(columns, t);
  }

  /**
   * Writes R.
   *
   * @param pose the camera
   * @return 9 values row by row
   */
  public static double[] rotation(CameraPose pose) {
    Objects.requireNonNull(pose, "pose is null");
    double[] columns = pose.rotation();
    double[] rotation = new double[9];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        rotation[3 * column + row] = flip(row, columns[3 * row + column]);
      }
    }
    return rotation;
  }

  /**
   * Writes T.
   *
   * @param pose the camera
   * @return 3 values
   */
  public static double[] translation(CameraPose pose) {
    Objects.requireNonNull(pose, "pose is null");
    double[] t = pose.translation();
    return new double[] {flip(0, t[0]), flip(1, t[1]), t[2]};
  }

  /**
   * Reads a lens whose unit is half the image's shorter side ({@code ndc_isotropic}).
   *
   * @param focalLength x and y
   * @param principalPoint x and y, from the image's middle, left and up
   * @param width of the image in pixels
   * @param height of the image in pixels
   * @return the lens in pixels
   * @throws IllegalArgumentException if a value is out of its range
   */
  public static Intrinsics isotropic(
      double[] focalLength, double[] principalPoint, int width, int height) {
    double unit = Math.min(width, height) / 2.0;
    return lens(focalLength, principalPoint, width, height, unit, unit);
  }

  /**
   * Reads a lens whose units are half the image's width and height ({@code ndc_norm_image_bounds}).
   *
   * @param focalLength x and y
   * @param principalPoint x and y, from the image's middle, left and up
   * @param width of the image in pixels
   * @param height of the image in pixels
   * @return the lens in pixels
   * @throws IllegalArgumentException if a value is out of its range
   */
  public static Intrinsics normalisedToBounds(
      double[] focalLength, double[] principalPoint, int width, int height) {
    return lens(focalLength, principalPoint, width, height, width / 2.0, height / 2.0);
  }

  private static Intrinsics lens(
      double[] focal, double[] point, int width, int height, double unitX, double unitY) {
    Vectors.requireFinite(focal, 2, "focal length");
    Vectors.requireFinite(point, 2, "principal point");
    return new Intrinsics(
        focal[0] * unitX,
        focal[1] * unitY,
        width / 2.0 - point[0] * unitX,
        height / 2.0 - point[1] * unitY,
        width,
        height);
  }

  /** Flips x and y; 0 − x instead of −x writes no negative zeros. */
  private static double flip(int row, double value) {
    return row == 2 ? value : 0 - value;
  }
}
