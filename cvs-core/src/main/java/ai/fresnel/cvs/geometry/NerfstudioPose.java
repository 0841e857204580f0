package ai.fresnel.cvs.geometry;

import java.util.Objects;

/**
 * Converts camera-to-world matrices of OpenGL's camera axes (x right, y up, z backward), as the
 * {@code transform_matrix} of nerfstudio's, Instant-NGP's and NeRF's {@code transforms.json} holds
 * them, to and from {@link CameraPose}. The world is the same in both: right-handed, +z up.
 */
public final class NerfstudioPose {

  private NerfstudioPose() {}

  /**
   * Reads a camera-to-world matrix.
   *
   * @param cameraToWorld 4×4, 16 values row by row, the last row 0 0 0 1
   * @return the same camera
   * @throws IllegalArgumentException if there are not 16 finite values, the upper left 3×3 is not a
   *     rotation or the last row is different
   */
  public static CameraPose toCameraPose(double[] cameraToWorld) {
    Vectors.requireFinite(cameraToWorld, 16, "4×4 matrix");
    for (int column = 0; column < 4; column++) {
      double expected = column == 3 ? 1 : 0;
      if (cameraToWorld[12 + column] != expected) {
        throw new IllegalArgumentException(
            "4×4 matrix has "
                + cameraToWorld[12 + column]
                + " in column "
                + column
                + " of its last row, expected "
                + expected);
      }
    }
    // The inverse of [C | p] is [Cᵀ | -Cᵀ·p].
    double[] worldToCamera = new double[12];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        double value = cameraToWorld[4 * column + row];
        worldToCamera[4 * row + column] = value;
        worldToCamera[4 * row + 3] -= value * cameraToWorld[4 * column + 3];
      }
    }
    return BlenderPose.toCameraPose(worldToCamera);
  }

  /**
   * Writes a camera-to-world matrix.
   *
   * @param pose the camera
   * @return 4×4, 16 values row by row
   */
  public static double[] fromCameraPose(CameraPose pose) {
    Objects.requireNonNull(pose, "pose is null");
    double[] worldToCamera = BlenderPose.fromCameraPose(pose);
    double[] cameraToWorld = new double[16];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        double value = worldToCamera[4 * column + row];
        cameraToWorld[4 * row + column] = value;
        cameraToWorld[4 * row + 3] -= value * worldToCamera[4 * column + 3];
      }
    }
    cameraToWorld[15] = 1;
    return cameraToWorld;
  }
}
