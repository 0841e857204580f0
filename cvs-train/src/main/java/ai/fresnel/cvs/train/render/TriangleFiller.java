package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.Srgb;
import ai.fresnel.cvs.train.mesh.Texture;

/** Projects, clips and fills one triangle at a time into a {@link SampleBuffer}. */
final class TriangleFiller {
  /** The near plane; nearer surfaces are cut off. */
  private static final double NEAR = 0.01;

  /** Attributes of a vertex: x, y (samples), 1/z, then red, green, blue, u, v over z. */
  private static final int STRIDE = 8;

  private final SampleBuffer buffer;
  private final double fx;
  private final double fy;
  private final double cx;
  private final double cy;

  /** Up to four projected vertices: a triangle clipped by a plane has at most four corners. */
  private final double[] v = new double[4 * STRIDE];

  /** A vertex before projection: x, y, z, red, green, blue, u, v; three of them. */
  private final double[] raw = new double[3 * STRIDE];

  private final double[] dx = new double[STRIDE];
  private final double[] dy = new double[STRIDE];
  private final double[] row = new double[STRIDE];
  private final float[] texel = new float[4];
  private final double[] edgeX = new double[3];
  private final double[] edgeY = new double[3];
  private final double[] edgeDx = new double[3];
  private final double[] edgeDy = new double[3];
  private final boolean[] edgeTurned = new boolean[3];

  private float tintRed;
  private float tintGreen;
  private float tintBlue;
  private float opacity;
  private Texture texture;
  private boolean blend;

  TriangleFiller(SampleBuffer buffer, Intrinsics intrinsics, int supersampling) {
    this.buffer = buffer;
    fx = intrinsics.fx() * supersampling;
    fy = intrinsics.fy() * supersampling;
    cx = intrinsics.cx() * supersampling;
    cy = intrinsics.cy() * supersampling;
  }

  /**
   * Fills a triangle.
   *
   * @param camera (V,3) positions in camera axes
   * @param indices (T,3)
   * @param light (T,2,3,3) linear light per side and corner
   * @param uvs (T,3,2)
   * @param t the triangle
   * @param material its material
   * @param blend whether to blend over the samples instead of replacing them
   */
  void draw(
      float[] camera,
      int[] indices,
      float[] light,
      float[] uvs,
      int t,
      Material material,
      boolean blend) {
    int a = 3 * indices[3 * t];
    int b = 3 * indices[3 * t + 1];
    int c = 3 * indices[3 * t + 2];
    int near = 0;
    near += camera[a + 2] < NEAR ? 1 : 0;
    near += camera[b + 2] < NEAR ? 1 : 0;
    near += camera[c + 2] < NEAR ? 1 : 0;
    if (near == 3 || (near == 0 && missesAllSamples(camera, a, b, c))) {
      return;
    }
    int side = frontFacing(camera, a, b, c) ? 0 : 9;
    for (int k = 0; k < 3; k++) {
      int from = k == 0 ? a : k == 1 ? b : c;
      int to = k * STRIDE;
      raw[to] = camera[from];
      raw[to + 1] = camera[from + 1];
      raw[to + 2] = camera[from + 2];
      int lit = 18 * t + side + 3 * k;
      raw[to + 3] = light[lit];
      raw[to + 4] = light[lit + 1];
      raw[to + 5] = light[lit + 2];
      raw[to + 6] = uvs[6 * t + 2 * k];
      raw[to + 7] = uvs[6 * t + 2 * k + 1];
    }
    tintRed = (float) Srgb.decode(material.red());
    tintGreen = (float) Srgb.decode(material.green());
    tintBlue = (float) Srgb.decode(material.blue());
    opacity = material.opacity();
    texture = material.texture();
    this.blend = blend;
    int count = near == 0 ? projectAll() : clip();
    for (int k = 1; k + 1 < count; k++) {
      fill(0, k * STRIDE, (k + 1) * STRIDE);
    }
  }

  /** Says whether a triangle falls between all samples, as many small ones do. */
  private boolean missesAllSamples(float[] p, int a, int b, int c) {
    double ax = cx + fx * p[a] / p[a + 2];
    double bx = cx + fx * p[b] / p[b + 2];
    double gx = cx + fx * p[c] / p[c + 2];
    double left = Math.min(ax, Math.min(bx, gx));
    double right = Math.max(ax, Math.max(bx, gx));
    if (right < 0.5 || left > buffer.width - 0.5 || Math.ceil(left - 0.5) > right - 0.5) {
      return true;
    }
    double ay = cy + fy * p[a + 1] / p[a + 2];
    double by = cy + fy * p[b + 1] / p[b + 2];
    double gy = cy + fy * p[c + 1] / p[c + 2];
    double top = Math.min(ay, Math.min(by, gy));
    double bottom = Math.max(ay, Math.max(by, gy));
    return bottom < 0.5 || top > buffer.height - 0.5 || Math.ceil(top - 0.5) > bottom - 0.5;
  }

  /**
   * Says whether the camera, at the origin, is on the side from which the triangle is
   * anticlockwise.
   */
  private static boolean frontFacing(float[] p, int a, int b, int c) {
    double ux = (double) p[b] - p[a];
    double uy = (double) p[b + 1] - p[a + 1];
    double uz = (double) p[b + 2] - p[a + 2];
    double wx = (double) p[c] - p[a];
    double wy = (double) p[c + 1] - p[a + 1];
    double wz = (double) p[c + 2] - p[a + 2];
    double nx = uy * wz - uz * wy;
    double ny = uz * wx - ux * wz;
    double nz = ux * wy - uy * wx;
    return nx * p[a] + ny * p[a + 1] + nz * p[a + 2] < 0;
  }

  private int projectAll() {
    for (int k = 0; k < 3; k++) {
      project(k, k, k, 0);
    }
    return 3;
  }

  /** Clips against the near plane (Sutherland and Hodgman). */
  private int clip() {
    int count = 0;
    for (int k = 0; k < 3; k++) {
      int next = (k + 1) % 3;
      double z = raw[k * STRIDE + 2];
      double zNext = raw[next * STRIDE + 2];
      if (z >= NEAR) {
        project(count++, k, k, 0);
      }
      if ((z >= NEAR) != (zNext >= NEAR)) {
        project(count++, k, next, (NEAR - z) / (zNext - z));
      }
    }
    return count;
  }

  /** Projects the point at a share of the way from one raw vertex to another. */
  private void project(int slot, int from, int to, double share) {
    int i = from * STRIDE;
    int j = to * STRIDE;
    int o = slot * STRIDE;
    double inverse = 1 / (raw[i + 2] + share * (raw[j + 2] - raw[i + 2]));
    v[o] = cx + fx * (raw[i] + share * (raw[j] - raw[i])) * inverse;
    v[o + 1] = cy + fy * (raw[i + 1] + share * (raw[j + 1] - raw[i + 1])) * inverse;
    v[o + 2] = inverse;
    for (int k = 3; k < STRIDE; k++) {
      v[o + k] = (raw[i + k] + share * (raw[j + k] - raw[i + k])) * inverse;
    }
  }

  private void fill(int a, int second, int third) {
    double area =
        (v[second] - v[a]) * (v[third + 1] - v[a + 1])
            - (v[second + 1] - v[a + 1]) * (v[third] - v[a]);
    if (!(area != 0) || !Double.isFinite(area)) {
      return;
    }
    // From here on, one winding: inside, all edge functions are positive.
    int b = area > 0 ? second : third;
    int c = area > 0 ? third : second;
    double scale = 1 / Math.abs(area);
    int left = clampCeil(Math.min(v[a], Math.min(v[b], v[c])));
    int right = clampFloor(Math.max(v[a], Math.max(v[b], v[c])), buffer.width);
    int top = clampCeil(Math.min(v[a + 1], Math.min(v[b + 1], v[c + 1])));
    int bottom = clampFloor(Math.max(v[a + 1], Math.max(v[b + 1], v[c + 1])), buffer.height);
    if (left > right || top > bottom) {
      return;
    }
    for (int k = 2; k < STRIDE; k++) {
      double toB = v[b + k] - v[a + k];
      double toC = v[c + k] - v[a + k];
      dx[k] = (toB * (v[c + 1] - v[a + 1]) - toC * (v[b + 1] - v[a + 1])) * scale;
      dy[k] = (toC * (v[b] - v[a]) - toB * (v[c] - v[a])) * scale;
    }
    float lod = texture == null ? 0 : levelOfDetail(a, b, c, scale);
    edge(0, a, b);
    edge(1, b, c);
    edge(2, c, a);
    double px = left + 0.5;
    for (int y = top; y <= bottom; y++) {
      double py = y + 0.5;
      double r0 = edgeDx[0] * (py - edgeY[0]);
      double r1 = edgeDx[1] * (py - edgeY[1]);
      double r2 = edgeDx[2] * (py - edgeY[2]);
      for (int k = 2; k < STRIDE; k++) {
        row[k] = v[a + k] + dx[k] * (px - v[a]) + dy[k] * (py - v[a + 1]);
      }
      int at = y * buffer.width;
      boolean entered = false;
      for (int x = left; x <= right; x++) {
        if (within(0, r0, x) && within(1, r1, x) && within(2, r2, x)) {
          entered = true;
          int i = x - left;
          float inverse = (float) (row[2] + i * dx[2]);
          if (inverse > buffer.inverseDepth[at + x]) {
            shade(at + x, i, inverse, lod);
          }
        } else if (entered) {
          break;
        }
      }
    }
  }

  /**
   * Sets up the edge from {@code a} to {@code b}. Two triangles that share an edge must agree on
   * every sample, or glass would be blended twice and gaps would show. Both compute from the same
   * end, to the same bits, and a sample on the line belongs to one of them.
   */
  private void edge(int k, int a, int b) {
    boolean turned = v[a + 1] > v[b + 1] || (v[a + 1] == v[b + 1] && v[a] > v[b]);
    int from = turned ? b : a;
    int to = turned ? a : b;
    edgeX[k] = v[from];
    edgeY[k] = v[from + 1];
    edgeDx[k] = v[to] - v[from];
    edgeDy[k] = v[to + 1] - v[from + 1];
    edgeTurned[k] = turned;
  }

  /**
   * Says whether a sample is on the inner side; {@code r} is the part of the edge function that
   * depends on the row.
   */
  private boolean within(int k, double r, int x) {
    double e = r - edgeDy[k] * (x + 0.5 - edgeX[k]);
    return edgeTurned[k] ? e < 0 : e >= 0;
  }

  private void shade(int sample, int i, float inverse, float lod) {
    float z = 1 / inverse;
    float red = (float) (row[3] + i * dx[3]) * z * tintRed;
    float green = (float) (row[4] + i * dx[4]) * z * tintGreen;
    float blue = (float) (row[5] + i * dx[5]) * z * tintBlue;
    float alpha = opacity;
    if (texture != null) {
      float u = (float) ((row[6] + i * dx[6]) * z);
      texture.sample(u, (float) ((row[7] + i * dx[7]) * z), lod, texel);
      red *= texel[0];
      green *= texel[1];
      blue *= texel[2];
      alpha *= texel[3];
    }
    float[] rgba = buffer.rgba;
    int at = 4 * sample;
    if (!blend) {
      rgba[at] = red;
      rgba[at + 1] = green;
      rgba[at + 2] = blue;
      rgba[at + 3] = 1;
      buffer.inverseDepth[sample] = inverse;
      return;
    }
    // Texels are premultiplied, the opacity of the material is not.
    float keep = 1 - alpha;
    rgba[at] = opacity * red + keep * rgba[at];
    rgba[at + 1] = opacity * green + keep * rgba[at + 1];
    rgba[at + 2] = opacity * blue + keep * rgba[at + 2];
    rgba[at + 3] = alpha + keep * rgba[at + 3];
    if (alpha >= 0.5f) {
      buffer.inverseDepth[sample] = inverse;
    }
  }

  /**
   * Returns the mipmap level of the triangle: half the logarithm of texels per sample, by area.
   * Without it fine textures would flicker from view to view.
   */
  private float levelOfDetail(int a, int b, int c, double scale) {
    double ub = v[b + 6] / v[b + 2] - v[a + 6] / v[a + 2];
    double vb = v[b + 7] / v[b + 2] - v[a + 7] / v[a + 2];
    double uc = v[c + 6] / v[c + 2] - v[a + 6] / v[a + 2];
    double vc = v[c + 7] / v[c + 2] - v[a + 7] / v[a + 2];
    double texels = Math.abs(ub * vc - uc * vb) * texture.width() * texture.height();
    double ratio = texels * scale;
    return ratio > 1 ? (float) (0.5 * Math.log(ratio) / Math.log(2)) : 0;
  }

  /** Returns the first sample at or after a coordinate. */
  private static int clampCeil(double coordinate) {
    return (int) Math.max(0, Math.ceil(coordinate - 0.5));
  }

  /** Returns the last sample at or before a coordinate. */
  private static int clampFloor(double coordinate, int size) {
    return (int) Math.min(size - 1, Math.floor(coordinate - 0.5));
  }
}
