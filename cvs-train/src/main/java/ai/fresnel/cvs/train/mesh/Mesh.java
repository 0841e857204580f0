package ai.fresnel.cvs.train.mesh;

import java.util.List;

/**
 * Triangles with materials, in the unit cube around the origin, +z up.
 *
 * <p>The longest side of the bounding box is 1 and its centre is the origin. Immutable. The arrays
 * are not copied: do not write to them.
 */
public final class Mesh {
  /** (V,3). */
  final float[] positions;

  /** (T,3) into the positions. */
  final int[] indices;

  /**
   * (T,3,3), a unit normal for each corner, on the side from which the triangle winds
   * anticlockwise.
   */
  final float[] normals;

  /** (T,3,2), texture coordinates for each corner, zero if the file has none. */
  final float[] uvs;

  /** (T,3,3), linear red, green and blue for each corner, factors of the material's; or null. */
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
   * Returns the number of triangles.
   *
   * @return at least 1
   */
  public int triangleCount() {
    return indices.length / 3;
  }

  /**
   * Returns the number of vertices.
   *
   * @return V
   */
  public int vertexCount() {
    return positions.length / 3;
  }

  /**
   * Returns the materials.
   *
   * @return unmodifiable, in the order of first use
   */
  public List<Material> materials() {
    return materials;
  }

  /**
   * Returns the positions of the vertices.
   *
   * @return (V,3), not copied: read only
   */
  public float[] positions() {
    return positions;
  }

  /**
   * Returns the vertices of the triangles.
   *
   * @return (T,3) into the positions, not copied: read only
   */
  public int[] indices() {
    return indices;
  }

  /**
   * Returns the normals of the corners.
   *
   * @return (T,3,3) unit vectors on the side from which the triangle winds anticlockwise, not
   *     copied: read only
   */
  public float[] normals() {
    return normals;
  }

  /**
   * Returns the texture coordinates of the corners.
   *
   * @return (T,3,2), zero if the file has none; not copied: read only
   */
  public float[] uvs() {
    return uvs;
  }

  /**
   * Returns the colours of the corners.
   *
   * @return (T,3,3) linear red, green and blue, factors of the material's, not copied: read only;
   *     null if the mesh has none
   */
  public float[] colours() {
    return colours;
  }

  /**
   * Returns the materials of the triangles.
   *
   * @return (T) into {@link #materials()}, not copied: read only
   */
  public int[] materialIndices() {
    return materialIndices;
  }

  /**
   * Stretches the mesh along its axes and fits it into the unit cube again.
   *
   * @param scale three factors, for x, y and z, above 0
   * @return a new mesh that shares unchanged parts
   */
  public Mesh stretched(double[] scale) {
    double[] stretched = new double[positions.length];
    for (int i = 0; i < stretched.length; i++) {
      stretched[i] = positions[i] * (float) scale[i % 3];
    }
    float[] turned = normals.clone();
    for (int i = 0; i < turned.length; i += 3) {
      // Stretching along an axis turns the normals away from it.
      double x = turned[i] / scale[0];
      double y = turned[i + 1] / scale[1];
      double z = turned[i + 2] / scale[2];
      double length = Math.sqrt(x * x + y * y + z * z);
      turned[i] = (float) (x / length);
      turned[i + 1] = (float) (y / length);
      turned[i + 2] = (float) (z / length);
    }
    float[] fitted = fit(stretched, vertexCount(), indices);
    return new Mesh(fitted, indices, turned, uvs, colours, materialIndices, materials);
  }

  /**
   * Replaces the materials.
   *
   * @param others as many as {@link #materials()}, in its order
   * @return a new mesh that shares everything else
   * @throws IllegalArgumentException if the number differs
   */
  public Mesh withMaterials(List<Material> others) {
    if (others.size() != materials.size()) {
      throw new IllegalArgumentException(
          others.size() + " materials, expected " + materials.size());
    }
    return new Mesh(positions, indices, normals, uvs, colours, materialIndices, others);
  }

  /**
   * Returns the sides of the bounding box.
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

  /**
   * Fits positions into the unit cube.
   *
   * @param positions (V,3) or longer, not changed
   * @param count V
   * @param indices the used vertices; others may lie anywhere
   * @return (V,3) with the used bounding box centred at the origin and its longest side 1
   * @throws IllegalArgumentException if the box is a point or not finite
   */
  static float[] fit(double[] positions, int count, int[] indices) {
    double[] low = {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
    double[] high = {-Double.MAX_VALUE, -Double.MAX_VALUE, -Double.MAX_VALUE};
    for (int index : indices) {
      for (int c = 0; c < 3; c++) {
        double value = positions[3 * index + c];
        low[c] = Math.min(low[c], value);
        high[c] = Math.max(high[c], value);
      }
    }
    double longest = 0;
    for (int c = 0; c < 3; c++) {
      longest = Math.max(longest, high[c] - low[c]);
    }
    if (!(longest > 0) || !Double.isFinite(longest)) {
      throw new IllegalArgumentException("bounding box with longest side " + longest);
    }
    float[] fitted = new float[3 * count];
    for (int i = 0; i < fitted.length; i++) {
      double centre = 0.5 * (low[i % 3] + high[i % 3]);
      fitted[i] = (float) ((positions[i] - centre) / longest);
    }
    return fitted;
  }
}
