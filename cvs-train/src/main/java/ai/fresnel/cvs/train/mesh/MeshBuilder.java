package ai.fresnel.cvs.train.mesh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds a {@link Mesh} from triangles. Drops triangles without area, computes missing normals and
 * fits the mesh into the unit cube.
 */
public final class MeshBuilder {
  /**
   * Double, until the middle of the bounding box is subtracted: maps lie millions of metres away.
   */
  private double[] positions = new double[3 * 256];

  private int positionCount;
  private int[] corners = new int[3 * 256];
  private float[] normals = new float[9 * 256];
  private float[] uvs = new float[6 * 256];

  /** Null until a triangle has colours; then white for triangles without. */
  private float[] colours;

  private int[] materialOf = new int[256];
  private int triangles;
  private final List<Material> materials = new ArrayList<>();

  /** Starts a mesh without vertices. */
  public MeshBuilder() {}

  /**
   * Adds a vertex.
   *
   * @param x coordinate in any unit, since the mesh is fitted into the unit cube
   * @param y coordinate
   * @param z coordinate, up
   * @return its index, from 0 up
   * @throws IllegalArgumentException if a coordinate is not finite
   */
  public int addPosition(double x, double y, double z) {
    if (!Double.isFinite(x) || !Double.isFinite(y) || !Double.isFinite(z)) {
      throw new IllegalArgumentException(
          "vertex " + (positionCount + 1) + " is not a finite number");
    }
    if (3 * positionCount + 3 > positions.length) {
      positions = Arrays.copyOf(positions, 2 * positions.length);
    }
    positions[3 * positionCount] = x;
    positions[3 * positionCount + 1] = y;
    positions[3 * positionCount + 2] = z;
    return positionCount++;
  }

  int positionCount() {
    return positionCount;
  }

  double position(int vertex, int axis) {
    return positions[3 * vertex + axis];
  }

  /**
   * Adds a material.
   *
   * @param material the material
   * @return its index, from 0 up
   */
  public int addMaterial(Material material) {
    materials.add(material);
    return materials.size() - 1;
  }

  /** Replaces a material. */
  void setMaterial(int index, Material material) {
    materials.set(index, material);
  }

  /**
   * Changes the texture coordinates of the triangles.
   *
   * @param placements for each material, scale of u, of v, and offset of u, of v, which are added
   *     after; or null to leave them
   */
  void placeTextures(float[][] placements) {
    for (int t = 0; t < triangles; t++) {
      float[] placement = placements[materialOf[t]];
      for (int i = 6 * t; placement != null && i < 6 * t + 6; i++) {
        uvs[i] = placement[i % 2] * uvs[i] + placement[2 + i % 2];
      }
    }
  }

  /**
   * Gives all corners the colours of their vertices.
   *
   * @param linear (V,3) linear red, green and blue
   */
  void colourVertices(float[] linear) {
    colours = new float[9 * materialOf.length];
    for (int i = 0; i < 3 * triangles; i++) {
      System.arraycopy(linear, 3 * corners[i], colours, 3 * i, 3);
    }
  }

  /**
   * Adds a triangle.
   *
   * @param a first vertex
   * @param b second vertex
   * @param c third vertex
   * @param corner nine numbers, a normal a corner, or null to have them made
   * @param uv six numbers, or null
   * @param material an index from {@link #addMaterial}
   * @throws IllegalArgumentException if there are more than three million triangles
   */
  public void addTriangle(int a, int b, int c, float[] corner, float[] uv, int material) {
    addTriangle(a, b, c, corner, uv, null, material);
  }

  /**
   * Adds a triangle with colours at its corners.
   *
   * @param a first vertex
   * @param b second vertex
   * @param c third vertex
   * @param corner nine numbers, a normal a corner, or null to have them made
   * @param uv six numbers, or null
   * @param colour nine numbers, linear red, green and blue for each corner, or null for white
   * @param material an index from {@link #addMaterial}
   * @throws IllegalArgumentException if there are more than three million triangles
   */
  public void addTriangle(
      int a, int b, int c, float[] corner, float[] uv, float[] colour, int material) {
    if (triangles == Budget.MAX_TRIANGLES) {
      throw new IllegalArgumentException("more than " + Budget.MAX_TRIANGLES + " triangles");
    }
    if (triangles == materialOf.length) {
      corners = Arrays.copyOf(corners, 2 * corners.length);
      normals = Arrays.copyOf(normals, 2 * normals.length);
      uvs = Arrays.copyOf(uvs, 2 * uvs.length);
      materialOf = Arrays.copyOf(materialOf, 2 * materialOf.length);
      colours = colours == null ? null : Arrays.copyOf(colours, 2 * colours.length);
    }
    corners[3 * triangles] = a;
    corners[3 * triangles + 1] = b;
    corners[3 * triangles + 2] = c;
    if (corner != null) {
      System.arraycopy(corner, 0, normals, 9 * triangles, 9);
    } else {
      Arrays.fill(normals, 9 * triangles, 9 * triangles + 9, 0);
    }
    if (uv != null) {
      System.arraycopy(uv, 0, uvs, 6 * triangles, 6);
    } else {
      Arrays.fill(uvs, 6 * triangles, 6 * triangles + 6, 0);
    }
    if (colour != null && colours == null) {
      colours = new float[9 * materialOf.length];
      Arrays.fill(colours, 0, 9 * triangles, 1);
    }
    if (colour != null) {
      System.arraycopy(colour, 0, colours, 9 * triangles, 9);
    } else if (colours != null) {
      Arrays.fill(colours, 9 * triangles, 9 * triangles + 9, 1);
    }
    materialOf[triangles++] = material;
  }

  /**
   * Builds the mesh.
   *
   * @return the mesh, normalised
   * @throws IllegalArgumentException if no triangle with an area is left
   */
  public Mesh build() {
    float[] face = new float[3 * triangles];
    int kept = keepVisible(face);
    if (kept == 0) {
      throw new IllegalArgumentException("no visible triangle with an area");
    }
    triangles = kept;
    int[] indices = Arrays.copyOf(corners, 3 * triangles);
    float[] fitted = Mesh.fit(positions, positionCount, indices);
    float[] smooth = Arrays.copyOf(normals, 9 * triangles);
    CornerNormals.complete(smooth, indices, face, positionCount);
    return new Mesh(
        fitted,
        indices,
        smooth,
        Arrays.copyOf(uvs, 6 * triangles),
        colours == null ? null : Arrays.copyOf(colours, 9 * triangles),
        Arrays.copyOf(materialOf, triangles),
        materials);
  }

  /** Moves the visible triangles to the front and writes their area-weighted normals. */
  private int keepVisible(float[] face) {
    int kept = 0;
    for (int t = 0; t < triangles; t++) {
      int a = 3 * corners[3 * t];
      int b = 3 * corners[3 * t + 1];
      int c = 3 * corners[3 * t + 2];
      double ux = positions[b] - positions[a];
      double uy = positions[b + 1] - positions[a + 1];
      double uz = positions[b + 2] - positions[a + 2];
      double vx = positions[c] - positions[a];
      double vy = positions[c + 1] - positions[a + 1];
      double vz = positions[c + 2] - positions[a + 2];
      float nx = (float) (uy * vz - uz * vy);
      float ny = (float) (uz * vx - ux * vz);
      float nz = (float) (ux * vy - uy * vx);
      float squared = nx * nx + ny * ny + nz * nz;
      boolean invisible = materials.get(materialOf[t]).opacity() < 0.01f;
      if (!(squared > 0) || !Float.isFinite(nx + ny + nz) || invisible) {
        continue;
      }
      face[3 * kept] = nx;
      face[3 * kept + 1] = ny;
      face[3 * kept + 2] = nz;
      System.arraycopy(corners, 3 * t, corners, 3 * kept, 3);
      System.arraycopy(normals, 9 * t, normals, 9 * kept, 9);
      System.arraycopy(uvs, 6 * t, uvs, 6 * kept, 6);
      if (colours != null) {
        System.arraycopy(colours, 9 * t, colours, 9 * kept, 9);
      }
      materialOf[kept++] = materialOf[t];
    }
    return kept;
  }
}
