package ai.fresnel.cvs.train.render;

import java.util.List;

/**
 * Triangles with materials, in the unit cube around the origin, +z up.
 *
 * <p>The longest side of the bounding box is 1 and its centre is the origin. Immutable; the arrays
 * inside are shared with the rasterizer of this package and never written again.
 */
public final class Mesh {
  /** (V,3). */
  final float[] positions;

  /** (T,3) into the positions. */
  final int[] indices;

  /** (T,3,3) one unit normal a corner, on the side from which the triangle winds anticlockwise. */
  final float[] normals;

  /** (T,3,2) texture coordinates a corner, zero where the file has none. */
  final float[] uvs;

  /** (T,3,3) linear red, green and blue a corner, factors on the material's; or null. */
  final float[] colours;

  /** (T) into the materials. */
  final int[] materialIndices;

  private final List<Material> materials;

  Mesh(
      float[] positions,
      int[] indices,
      float[] normals,
      float[] uvs,
      float[] colours,
      int[] materialIndices,
      List<Material> materials) {
    this.positions = positions;
    this.indices = indices;
    this.normals = normals;
    this.uvs = uvs;
    this.colours = colours;
    this.materialIndices = materialIndices;
    this.materials = List.copyOf(materials);
  }

  /**
   * The triangles.
   *
   * @return how many, at least 1
   */
  public int triangleCount() {
    return indices.length / 3;
  }

  /**
   * The vertices.
   *
   * @return how many positions
   */
  public int vertexCount() {
    return positions.length / 3;
  }

  /**
   * The materials.
   *
   * @return unmodifiable, in the order of first use
   */
  public List<Material> materials() {
    return materials;
  }

  /**
   * The bounding box's sides.
   *
   * @return lengths along x, y and z; the greatest is 1
   */
  public float[] extent() {
    float[] low = {Float.MAX_VALUE, Float.MAX_VALUE, Float.MAX_VALUE};
    float[] high = {-Float.MAX_VALUE, -Float.MAX_VALUE, -Float.MAX_VALUE};
    for (int index : indices) {
      for (int c = 0; c < 3; c++) {
        low[c] = Math.min(low[c], positions[3 * index + c]);
        high[c] = Math.max(high[c], positions[3 * index + c]);
      }
    }
    return new float[] {high[0] - low[0], high[1] - low[1], high[2] - low[2]};
  }
}
