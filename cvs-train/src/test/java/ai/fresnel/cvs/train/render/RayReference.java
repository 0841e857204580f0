package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.mesh.Mesh;

/** Slow and obvious: one ray a pixel, every triangle tried. */
final class RayReference {
  /**
   * What a ray met first.
   *
   * @param depth along the camera's z
   * @param triangle which, or -1
   * @param b weight of the second corner
   * @param c weight of the third corner
   */
  record Hit(double depth, int triangle, double b, double c) {}

  private RayReference() {}

  /** Casts a ray through a pixel's centre. */
  static Hit cast(Mesh mesh, CameraPose pose, Intrinsics k, int column, int row, double near) {
    double[] r = pose.rotation();
    double[] origin = pose.position();
    double[] d = {(column + 0.5 - k.cx()) / k.fx(), (row + 0.5 - k.cy()) / k.fy(), 1};
    double[] world = new double[3];
    for (int c = 0; c < 3; c++) {
      world[c] = r[c] * d[0] + r[3 + c] * d[1] + r[6 + c] * d[2];
    }
    Hit best = new Hit(Double.POSITIVE_INFINITY, -1, 0, 0);
    for (int t = 0; t < mesh.triangleCount(); t++) {
      double[] p = corner(mesh, t, 0);
      double[] e1 = minus(corner(mesh, t, 1), p);
      double[] e2 = minus(corner(mesh, t, 2), p);
      // Moeller and Trumbore: origin + z·world = p + b·e1 + c·e2, by Cramer's rule. As the ray
      // advances one unit of camera z for each unit of its parameter, z is the depth.
      double[] q = cross(world, e2);
      double det = dot(e1, q);
      if (det == 0) {
        continue;
      }
      double[] s = minus(origin, p);
      double b = dot(s, q) / det;
      double[] u = cross(s, e1);
      double c = dot(world, u) / det;
      double z = dot(e2, u) / det;
      if (b >= 0 && c >= 0 && b + c <= 1 && z >= near && z < best.depth) {
        best = new Hit(z, t, b, c);
      }
    }
    return best;
  }

  private static double[] corner(Mesh mesh, int t, int k) {
    int at = 3 * mesh.indices()[3 * t + k];
    return new double[] {mesh.positions()[at], mesh.positions()[at + 1], mesh.positions()[at + 2]};
  }

  private static double[] minus(double[] a, double[] b) {
    return new double[] {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  }

  private static double[] cross(double[] a, double[] b) {
    return new double[] {
      a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    };
  }

  private static double dot(double[] a, double[] b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  }
}
