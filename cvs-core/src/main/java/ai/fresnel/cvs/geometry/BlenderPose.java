package ai.fresnel.cvs.geometry;

import java.util.Objects;

/**
 * Converts world-to-camera matrices of Blender's camera axes (x right, y up, z backward), as
 * Zero123's renderings store them, to and from {@link CameraPose}. The world is the same in both.
 */
public final class BlenderPose {

  private BlenderPose() {}

  /**
   * Reads Blender's matrix.
   *
   * @param worldToCamera [R | t], 3×4, 12 values row by row
   * @return the same camera
   * @throws IllegalArgumentException if there are not 12 finite values or R is not a rotation
   */
  public static CameraPose toCameraPose(double[] worldToCamera) {
    Vectors.requireFinite(worldToCamera, 12, "3×4 matrix");
    double[] rotation = new double[9];
    double[] translation = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        rotation[3 * row + column] = flip(row, worldToCamera[4 * row + column]);
      }
      translation[row] = flip(row, worldToCamera[4 * row + 3]);
    }
    return CameraPose.of(rotation, translation);
  }

  /**
   * Writes Blender's matrix.
   *
   * @param pose the camera
   * @return [R | t], 3×4, 12 values row by row
   */
  public static double[] fromCameraPose(CameraPose pose) {
    Objects.requireNonNull(pose, "pose is null");
    double[] rotation = pose.rotation();
    double[] translation = pose.translation();
    double[] worldToCamera = new double[12];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        worldToCamera[4 * row + column] = flip(row, rotation[3 * row + column]);
      }
      worldToCamera[4 * row + 3] = flip(row, translation[row]);
    }
    return worldToCamera;
  }

  /** Flips y and z; 0 − x instead of −x writes no negative zeros. */
  private static double flip(int row, double value) {
    return row == 0 ? value : 0 - value;
  }
}
