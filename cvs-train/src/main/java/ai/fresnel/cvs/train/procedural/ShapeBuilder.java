package ai.fresnel.cvs.train.procedural;

import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.mesh.MeshBuilder;

/** Builds boxes, beams, lathed and bent shapes, with texture coordinates in world units. */
final class ShapeBuilder {
  /**
   * Repeats of a texture per world unit: furniture is about one unit tall, a texture half a unit
   * wide.
   */
  private static final float REPEATS = 2;

  private final MeshBuilder builder = new MeshBuilder();

  int material(Material material) {
    return builder.addMaterial(material);
  }

  Mesh build() {
    return builder.build();
  }

  /** Adds a box by its low and high corner. */
  void box(double x0, double y0, double z0, double x1, double y1, double z1, int material) {
    double[] low = {x0, y0, z0};
    double[] high = {x1, y1, z1};
    for (int axis = 0; axis < 3; axis++) {
      int b = (axis + 1) % 3;
      int c = (axis + 2) % 3;
      for (int side = 0; side < 2; side++) {
        double[][] p = new double[4][];
        for (int k = 0; k < 4; k++) {
          double[] q = new double[3];
          q[axis] = side == 0 ? low[axis] : high[axis];
          q[b] = k == 1 || k == 2 ? high[b] : low[b];
          q[c] = k >= 2 ? high[c] : low[c];
          p[side == 0 ? 3 - k : k] = q;
        }
        quad(p[0], p[1], p[2], p[3], material);
      }
    }
  }

  /** Adds a box by its centre and the lengths of its sides. */
  void block(double x, double y, double z, double sx, double sy, double sz, int material) {
    box(x - sx / 2, y - sy / 2, z - sz / 2, x + sx / 2, y + sy / 2, z + sz / 2, material);
  }

  /** Adds a rod between two points; four sides make it square, more make it round. */
  void beam(double[] from, double[] to, double r0, double r1, int sides, int material) {
    double[] d = unit(minus(to, from));
    double[] up = Math.abs(d[2]) < 0.9 ? new double[] {0, 0, 1} : new double[] {0, 1, 0};
    double[] e = unit(cross(up, d));
    double[] f = cross(d, e);
    double[][] low = new double[sides][];
    double[][] high = new double[sides][];
    for (int i = 0; i < sides; i++) {
      double angle = 2 * Math.PI * (i + 0.5) / sides;
      low[i] = ring(from, e, f, angle, r0);
      high[i] = ring(to, e, f, angle, r1);
    }
    for (int i = 0; i < sides; i++) {
      int j = (i + 1) % sides;
      quad(low[i], low[j], high[j], high[i], material);
      triangle(low[j], low[i], from, material);
      triangle(high[i], high[j], to, material);
    }
  }

  /**
   * Adds a body of revolution around a vertical axis.
   *
   * @param x of the axis
   * @param y of the axis
   * @param profile pairs of radius and height, from bottom to top
   * @param sides the number of sides
   * @param material the index of the material; its texture runs once around
   */
  void lathe(double x, double y, double[] profile, int sides, int material) {
    int rings = profile.length / 2;
    int first = -1;
    for (int k = 0; k < rings; k++) {
      for (int i = 0; i < sides; i++) {
        double angle = 2 * Math.PI * i / sides;
        double r = profile[2 * k];
        int vertex =
            builder.addPosition(
                (float) (x + r * Math.cos(angle)),
                (float) (y + r * Math.sin(angle)),
                (float) profile[2 * k + 1]);
        first = first < 0 ? vertex : first;
      }
    }
    float run = 0;
    for (int k = 0; k + 1 < rings; k++) {
      double dr = profile[2 * k + 2] - profile[2 * k];
      double dz = profile[2 * k + 3] - profile[2 * k + 1];
      float next = (float) (run + REPEATS * Math.hypot(dr, dz));
      for (int i = 0; i < sides; i++) {
        int j = (i + 1) % sides;
        int a = first + k * sides + i;
        int b = first + k * sides + j;
        float u0 = 2f * i / sides;
        float u1 = 2f * (i + 1) / sides;
        float[] lower = {u0, run, u1, run, u1, next};
        float[] upper = {u0, run, u1, next, u0, next};
        builder.addTriangle(a, b, b + sides, null, lower, material);
        builder.addTriangle(a, b + sides, a + sides, null, upper, material);
      }
      run = next;
    }
  }

  /** Adds a ring of round cross-section, or a part of it, in the plane of two unit vectors. */
  void arc(
      double[] middle,
      double[] e,
      double[] f,
      double radius,
      double thickness,
      double from,
      double to,
      int material) {
    int steps = 12;
    for (int i = 0; i < steps; i++) {
      double a = from + (to - from) * i / steps;
      double b = from + (to - from) * (i + 1) / steps;
      beam(
          ring(middle, e, f, a, radius),
          ring(middle, e, f, b, radius),
          thickness,
          thickness,
          8,
          material);
    }
  }

  /** Adds a flat quadrilateral; u of the texture runs along the longer side. */
  void quad(double[] a, double[] b, double[] c, double[] d, int material) {
    double along = length(minus(b, a));
    double across = length(minus(d, a));
    float s = (float) (REPEATS * along);
    float t = (float) (REPEATS * across);
    // Offset by position, so that equal boards show different grain.
    float o = (float) (3.7 * a[0] + 5.3 * a[1] + 7.1 * a[2]);
    float[] low;
    float[] high;
    if (along >= across) {
      low = new float[] {o, o, o + s, o, o + s, o + t};
      high = new float[] {o, o, o + s, o + t, o, o + t};
    } else {
      low = new float[] {o, o, o, o + s, o + t, o + s};
      high = new float[] {o, o, o + t, o + s, o + t, o};
    }
    int va = add(a);
    int vb = add(b);
    int vc = add(c);
    int vd = add(d);
    builder.addTriangle(va, vb, vc, null, low, material);
    builder.addTriangle(va, vc, vd, null, high, material);
  }

  void triangle(double[] a, double[] b, double[] c, int material) {
    float[] uv = {
      (float) (REPEATS * a[0]), (float) (REPEATS * a[1]),
      (float) (REPEATS * b[0]), (float) (REPEATS * b[1]),
      (float) (REPEATS * c[0]), (float) (REPEATS * c[1])
    };
    builder.addTriangle(add(a), add(b), add(c), null, uv, material);
  }

  static double[] at(double x, double y, double z) {
    return new double[] {x, y, z};
  }

  private int add(double[] p) {
    return builder.addPosition((float) p[0], (float) p[1], (float) p[2]);
  }

  private static double[] ring(double[] o, double[] e, double[] f, double angle, double r) {
    double[] p = new double[3];
    for (int c = 0; c < 3; c++) {
      p[c] = o[c] + r * (Math.cos(angle) * e[c] + Math.sin(angle) * f[c]);
    }
    return p;
  }

  private static double[] minus(double[] a, double[] b) {
    return new double[] {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  }

  private static double[] cross(double[] a, double[] b) {
    return new double[] {
      a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    };
  }

  private static double length(double[] a) {
    return Math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
  }

  private static double[] unit(double[] a) {
    double length = length(a);
    return new double[] {a[0] / length, a[1] / length, a[2] / length};
  }
}
