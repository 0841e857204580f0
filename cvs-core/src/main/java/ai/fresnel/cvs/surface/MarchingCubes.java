package ai.fresnel.cvs.surface;

import java.util.Arrays;

/**
 * Makes a mesh of the surface where a field crosses a level: Lorensen and Cline's marching cubes
 * (1987) with a table that is consistent ({@link CubeCases}). The mesh is watertight: every side
 * belongs to two triangles, and the triangles around a vertex form one fan, for any field.
 *
 * <p>The outermost nodes of the grid count as outside, so that a surface that reaches them is
 * closed there.
 */
public final class MarchingCubes {

  /**
   * A vertex stays this part of an edge away from its ends, or the vertices of several edges would
   * coincide.
   */
  private static final double MARGIN = 1e-3;

  private final FieldGrid field;
  private final float level;

  /** The vertices of the edges along x, y and z at two layers of nodes; along z above the first. */
  private final int[][] vertices = new int[6][];

  private float[] positions = new float[3 * 1024];
  private float[] normals = new float[3 * 1024];
  private float[] colours = new float[3 * 1024];
  private int[] indices = new int[3 * 1024];
  private int vertexCount;
  private int indexCount;

  private MarchingCubes(FieldGrid field, float level) {
    this.field = field;
    this.level = level;
    for (int i = 0; i < vertices.length; i++) {
      vertices[i] = new int[field.width() * field.height()];
    }
  }

  /**
   * Extracts a surface.
   *
   * @param field the field
   * @param level what is above it is inside
   * @return the mesh, without triangles if the field nowhere crosses the level
   * @throws IllegalArgumentException if the level is not finite
   */
  public static SurfaceMesh extract(FieldGrid field, float level) {
    if (!Float.isFinite(level)) {
      throw new IllegalArgumentException("level is " + level + ", expected a finite number");
    }
    return new MarchingCubes(field, level).mesh();
  }

  private SurfaceMesh mesh() {
    addVertices(0);
    for (int z = 0; z < field.depth() - 1; z++) {
      addVertices(z + 1);
      for (int y = 0; y < field.height() - 1; y++) {
        for (int x = 0; x < field.width() - 1; x++) {
          addTriangles(x, y, z);
        }
      }
    }
    float[] finished = Arrays.copyOf(normals, 3 * vertexCount);
    int[] triangles = Arrays.copyOf(indices, indexCount);
    float[] places = Arrays.copyOf(positions, 3 * vertexCount);
    VertexNormals.complete(finished, places, triangles);
    return new SurfaceMesh(places, finished, Arrays.copyOf(colours, 3 * vertexCount), triangles);
  }

  /** Returns the vertices of the edges along an axis that begin at nodes of a layer. */
  private int[] edges(int axis, int z) {
    return vertices[2 * axis + z % 2];
  }

  private float value(int x, int y, int z) {
    float value = field.values()[field.node(x, y, z)];
    return field.isOutermost(x, y, z) ? Math.min(value, level) : value;
  }

  /** Makes the vertices on edges that begin at the nodes of a layer. */
  private void addVertices(int z) {
    for (int y = 0; y < field.height(); y++) {
      for (int x = 0; x < field.width(); x++) {
        int at = x + field.width() * y;
        float here = value(x, y, z);
        if (x + 1 < field.width()) {
          edges(0, z)[at] = vertex(here, x, y, z, 0);
        }
        if (y + 1 < field.height()) {
          edges(1, z)[at] = vertex(here, x, y, z, 1);
        }
        if (z + 1 < field.depth()) {
          edges(2, z)[at] = vertex(here, x, y, z, 2);
        }
      }
    }
  }

  /**
   * Makes the vertex of an edge, if the field crosses the level there; returns its number or -1.
   */
  private int vertex(float here, int x, int y, int z, int axis) {
    int dx = axis == 0 ? 1 : 0;
    int dy = axis == 1 ? 1 : 0;
    int dz = axis == 2 ? 1 : 0;
    float there = value(x + dx, y + dy, z + dz);
    if (here > level == there > level) {
      return -1;
    }
    double exact = ((double) level - here) / ((double) there - here);
    double t = Math.max(MARGIN, Math.min(1 - MARGIN, exact));
    if (3 * vertexCount == positions.length) {
      int longer = Math.addExact(positions.length, positions.length);
      positions = Arrays.copyOf(positions, longer);
      normals = Arrays.copyOf(normals, longer);
      colours = Arrays.copyOf(colours, longer);
    }
    int first = 3 * vertexCount;
    int[] node = {x, y, z};
    for (int c = 0; c < 3; c++) {
      double place = node[c] + (c == axis ? t : 0);
      positions[first + c] = (float) (field.origin()[c] + field.step() * place);
      // The field falls towards the outside.
      double slope = (1 - t) * slope(x, y, z, c) + t * slope(x + dx, y + dy, z + dz, c);
      normals[first + c] = (float) -slope;
    }
    mix(field.node(x, y, z), field.node(x + dx, y + dy, z + dz), t, first);
    return vertexCount++;
  }

  /** Returns the derivative of the field at a node, per step: the central difference inside. */
  private double slope(int x, int y, int z, int axis) {
    int at = axis == 0 ? x : axis == 1 ? y : z;
    int side = axis == 0 ? field.width() : axis == 1 ? field.height() : field.depth();
    int stride = axis == 0 ? 1 : axis == 1 ? field.width() : field.width() * field.height();
    int node = field.node(x, y, z);
    int before = at > 0 ? node - stride : node;
    int after = at < side - 1 ? node + stride : node;
    double difference = (double) field.values()[after] - field.values()[before];
    return difference / (before < node && after > node ? 2 : 1);
  }

  private void mix(int one, int other, double t, int to) {
    double first = (1 - t) * Math.max(0, field.values()[one]);
    double second = t * Math.max(0, field.values()[other]);
    double share = first + second > 0 ? second / (first + second) : t;
    for (int c = 0; c < 3; c++) {
      double colour =
          (1 - share) * field.colours()[3 * one + c] + share * field.colours()[3 * other + c];
      colours[to + c] = (float) Math.max(0, Math.min(1, colour));
    }
  }

  private void addTriangles(int x, int y, int z) {
    int inside = 0;
    for (int corner = 0; corner < 8; corner++) {
      if (value(x + (corner & 1), y + (corner >> 1 & 1), z + (corner >> 2)) > level) {
        inside |= 1 << corner;
      }
    }
    int[] triangles = CubeCases.triangles(inside);
    if (indexCount + triangles.length > indices.length) {
      indices = Arrays.copyOf(indices, Math.addExact(indices.length, indices.length));
    }
    for (int edge : triangles) {
      int start = CubeCases.ENDS[edge][0];
      int at = x + (start & 1) + field.width() * (y + (start >> 1 & 1));
      indices[indexCount++] = edges(edge / 4, z + (start >> 2))[at];
    }
  }
}
