package ai.fresnel.cvs.geometry;

import java.util.Arrays;

/**
 * Converts COLMAP's poses, a unit quaternion and a translation from the world to the camera (x
 * right, y down, z forward), to {@link CameraPose}. The world is the same in both.
 */
public final class ColmapPose {

  private ColmapPose() {}

  /**
   * Reads a pose.
   *
   * @param quaternion w, x, y, z of any length above 0
   * @param translation 3 values in world units
   * @return the same camera
   * @throws IllegalArgumentException if a value is not finite or the quaternion is zero
   */
  public static CameraPose toCameraPose(double[] quaternion, double[] translation) {
    Vectors.requireFinite(quaternion, 4, "quaternion");
    double norm = Math.sqrt(Arrays.stream(quaternion).map(v -> v * v).sum());
    if (!(norm > 0) || !Double.isFinite(norm)) {
      throw new IllegalArgumentException("quaternion is zero, expected a rotation");
    }
    double w = quaternion[0] / norm;
    double x = quaternion[1] / norm;
    double y = quaternion[2] / norm;
    double z = quaternion[3] / norm;
    double[] rotation = {
      1 - 2 * (y * y + z * z),
      2 * (x * y - w * z),
      2 * (x * z + w * y),
      2 * (x * y + w * z),
      1 - 2 * (x * x + z * z),
      2 * (y * z - w * x),
      2 * (x * z - w * y),
      2 * (y * z + w * x),
      1 - 2 * (x * x + y * y)
    };
    return CameraPose.of(rotation, translation);
  }
}
