package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.geometry.CameraPose;

/** Moves points between cameras one at a time, as a reference. */
final class SlowCamera {

  /** From a target camera's axes to the source's. */
  @FunctionalInterface
  interface Move {
    double[] toSource(double[] pointInTarget);
  }

  private SlowCamera() {}

  /** The move that 16 features describe: x_target = R·x_source + t, R's columns a, b, a×b. */
  static Move move(double[] f) {
    double[] c = {f[1] * f[5] - f[2] * f[4], f[2] * f[3] - f[0] * f[5], f[0] * f[4] - f[1] * f[3]};
    return p -> {
      double[] s = new double[3];
      for (int i = 0; i < 3; i++) {
        double d = p[i] - f[6 + i];
        s[0] += f[i] * d;
        s[1] += f[3 + i] * d;
        s[2] += c[i] * d;
      }
      return s;
    };
  }

  /** World point of a point in a camera's axes: Rᵀ(p − t). */
  static double[] inWorld(CameraPose camera, double[] p) {
    double[] r = camera.rotation();
    double[] t = camera.translation();
    double[] world = new double[3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        world[i] += r[3 * j + i] * (p[j] - t[j]);
      }
    }
    return world;
  }
}
