package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.Mesh;
import java.util.Arrays;

/**
 * Renders a mesh in a lighting from any camera, with a z-buffer, perspective-correct textures,
 * supersampling, and translucent surfaces over opaque ones.
 *
 * <p>Surfaces have two sides: normals are turned toward the viewer, since the winding of many
 * meshes is not reliable. Shading is computed per corner and in advance, as it does not depend on
 * the camera. Light is linear. Not safe for use by several threads at once.
 */
public final class Rasterizer {
  /** Samples per pixel along each axis for images of 64 pixels. */
  public static final int DEFAULT_SUPERSAMPLING = 3;

  private final Mesh mesh;

  /**
   * (T,2,3,3): linear light at each corner times its colour, first on the side of the winding, then
   * on the other.
   */
  private final float[] light;

  private final Material[] materials;
  private final boolean[] translucent;
  private final int supersampling;
  private final float[] camera;
  private SampleBuffer buffer;
  private TriangleFiller filler;

  /**
   * Prepares a mesh.
   *
   * @param mesh the mesh
   * @param lighting the lights, in the world of the mesh
   * @param supersampling samples per pixel along each axis: 1, 3, 5 or 7 (odd, so that one is in
   *     the centre)
   * @throws IllegalArgumentException if the supersampling is none of these
   */
  public Rasterizer(Mesh mesh, Lighting lighting, int supersampling) {
    if (supersampling < 1 || supersampling > 7 || supersampling % 2 == 0) {
      throw new IllegalArgumentException(
          "supersampling " + supersampling + ", expected 1, 3, 5 or 7");
    }
    this.mesh = mesh;
    this.supersampling = supersampling;
    this.camera = new float[mesh.positions().length];
    this.materials = mesh.materials().toArray(new Material[0]);
    this.translucent = new boolean[materials.length];
    for (int m = 0; m < materials.length; m++) {
      translucent[m] = materials[m].isTranslucent();
    }
    this.light = new float[18 * mesh.triangleCount()];
    float[] n = mesh.normals();
    for (int corner = 0; corner < n.length / 3; corner++) {
      int at = 18 * (corner / 3) + 3 * (corner % 3);
      int k = 3 * corner;
      lighting.irradiance(n[k], n[k + 1], n[k + 2], light, at);
      lighting.irradiance(-n[k], -n[k + 1], -n[k + 2], light, at + 9);
      if (mesh.colours() != null) {
        for (int c = 0; c < 3; c++) {
          light[at + c] *= mesh.colours()[k + c];
          light[at + 9 + c] *= mesh.colours()[k + c];
        }
      }
    }
  }

  /**
   * Renders a view.
   *
   * @param pose the camera
   * @param intrinsics the lens and the size of the image, at most 4096 samples a side
   * @return the image
   * @throws IllegalArgumentException if the image is too large
   */
  public RenderedView render(CameraPose pose, Intrinsics intrinsics) {
    prepare(intrinsics);
    transform(pose);
    long[] later = new long[64];
    int laterCount = 0;
    for (int t = 0; t < mesh.triangleCount(); t++) {
      if (translucent[mesh.materialIndices()[t]]) {
        if (laterCount == later.length) {
          later = Arrays.copyOf(later, 2 * laterCount);
        }
        later[laterCount++] = farthestFirst(t);
      } else {
        draw(t, false);
      }
    }
    Arrays.sort(later, 0, laterCount);
    for (int i = 0; i < laterCount; i++) {
      draw((int) later[i], true);
    }
    return buffer.resolve(pose, intrinsics);
  }

  private void prepare(Intrinsics intrinsics) {
    int width = intrinsics.width() * supersampling;
    int height = intrinsics.height() * supersampling;
    if (width > 4096 || height > 4096) {
      throw new IllegalArgumentException(
          "image of " + width + "x" + height + " samples, expected at most 4096x4096");
    }
    if (buffer == null || buffer.width != width || buffer.height != height) {
      buffer = new SampleBuffer(width, height, supersampling);
    }
    buffer.clear();
    filler = new TriangleFiller(buffer, intrinsics, supersampling);
  }

  private void transform(CameraPose pose) {
    double[] r = pose.rotation();
    double[] t = pose.translation();
    float[] p = mesh.positions();
    for (int i = 0; i < p.length; i += 3) {
      for (int row = 0; row < 3; row++) {
        camera[i + row] =
            (float)
                (r[3 * row] * p[i]
                    + r[3 * row + 1] * p[i + 1]
                    + r[3 * row + 2] * p[i + 2]
                    + t[row]);
      }
    }
  }

  /** Returns a key that sorts by falling mean depth, with the triangle in its lower half. */
  private long farthestFirst(int t) {
    int[] v = mesh.indices();
    float sum =
        camera[3 * v[3 * t] + 2] + camera[3 * v[3 * t + 1] + 2] + camera[3 * v[3 * t + 2] + 2];
    // The bits of positive floats sort like the floats; the complement reverses the order.
    int bits = Integer.MAX_VALUE - Float.floatToIntBits(Math.max(sum, 0));
    return ((long) bits << 32) | t;
  }

  private void draw(int t, boolean blend) {
    Material material = materials[mesh.materialIndices()[t]];
    filler.draw(camera, mesh.indices(), light, mesh.uvs(), t, material, blend);
  }
}
