package ai.fresnel.cvs.surface;

/**
 * Triangles with colours, in a world with z up. Vertices are shared by the triangles around them.
 *
 * @param positions (V, 3) in world units
 * @param normals (V, 3), of length 1, towards the outside
 * @param colours (V, 3), sRGB from 0 to 1
 * @param indices (T, 3) into the vertices, anticlockwise seen from outside
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares meshes.
public record SurfaceMesh(float[] positions, float[] normals, float[] colours, int[] indices) {

  /**
   * Returns the number of vertices.
   *
   * @return V
   */
  public int vertexCount() {
    return positions.length / 3;
  }

  /**
   * Returns the number of triangles.
   *
   * @return T
   */
  public int triangleCount() {
    return indices.length / 3;
  }
}
