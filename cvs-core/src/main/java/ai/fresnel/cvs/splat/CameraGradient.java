package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.Arrays;
import java.util.Objects;

/**
 * The derivative of a number with respect to a camera x_camera = R·x_world + t.
 *
 * @param rotation 9 values, by the entries of R row by row, each on its own
 * @param translation 3 values, by t
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
public record CameraGradient(double[] rotation, double[] translation) {

  /**
   * Checks the lengths.
   *
   * @param rotation as above
   * @param translation as above
   */
  public CameraGradient {
    Objects.requireNonNull(rotation, "rotation is null");
    Objects.requireNonNull(translation, "translation is null");
    if (rotation.length != 9 || translation.length != 3) {
      throw new IllegalArgumentException(
          "camera gradient of "
              + rotation.length
              + " and "
              + translation.length
              + " values, expected 9 and 3");
    }
  }

  /**
   * Returns the derivative by a small motion of the camera: x_camera' = x_camera + omega × x_camera
   * + tau.
   *
   * @param pose the camera at which this gradient was taken
   * @return 6 values: by omega in radians about the camera's axes, and by tau in world units along
   *     them
   */
  public double[] byMotion(CameraPose pose) {
    double[] r = pose.rotation();
    double[] t = pose.translation();
    double[] motion = new double[6];
    for (int row = 0; row < 3; row++) {
      int next = (row + 1) % 3;
      int last = (row + 2) % 3;
      // omega × v has omega_row·v_next at entry last, and -omega_row·v_last at entry next.
      motion[row] = translation[last] * t[next] - translation[next] * t[last];
      for (int column = 0; column < 3; column++) {
        motion[row] +=
            rotation[3 * last + column] * r[3 * next + column]
                - rotation[3 * next + column] * r[3 * last + column];
      }
      motion[3 + row] = translation[row];
    }
    return motion;
  }

  /**
   * Moves a camera: x_camera' = E·x_camera + tau, where E is the rotation about omega by its
   * length.
   *
   * @param pose the camera
   * @param motion 6 values, omega and tau, as {@link #byMotion} has them
   * @return the camera after the motion
   */
  public static CameraPose moved(CameraPose pose, double[] motion) {
    double[] r = pose.rotation();
    double[] t = pose.translation();
    double angle = Math.sqrt(motion[0] * motion[0] + motion[1] * motion[1] + motion[2] * motion[2]);
    double[] columns = new double[9];
    for (int column = 0; column < 3; column++) {
      double[] turned = turned(motion, angle, r[column], r[3 + column], r[6 + column]);
      columns[column] = turned[0];
      columns[3 + column] = turned[1];
      columns[6 + column] = turned[2];
    }
    double[] moved = turned(motion, angle, t[0], t[1], t[2]);
    for (int k = 0; k < 3; k++) {
      moved[k] += motion[3 + k];
    }
    return CameraPose.of(columns, moved);
  }

  /** Rodrigues' formula: v·cos + (omega × v)·sin / angle + omega·(omega·v)·(1 - cos) / angle². */
  private static double[] turned(double[] omega, double angle, double x, double y, double z) {
    double sine = angle < 1e-8 ? 1 : Math.sin(angle) / angle;
    double half = angle < 1e-8 ? 1 : Math.sin(angle / 2) / (angle / 2);
    double versine = 0.5 * half * half;
    double along = omega[0] * x + omega[1] * y + omega[2] * z;
    double cosine = Math.cos(angle);
    return new double[] {
      x * cosine + sine * (omega[1] * z - omega[2] * y) + versine * along * omega[0],
      y * cosine + sine * (omega[2] * x - omega[0] * z) + versine * along * omega[1],
      z * cosine + sine * (omega[0] * y - omega[1] * x) + versine * along * omega[2]
    };
  }

  @Override
  public String toString() {
    return "CameraGradient[rotation="
        + Arrays.toString(rotation)
        + ", translation="
        + Arrays.toString(translation)
        + "]";
  }
}
