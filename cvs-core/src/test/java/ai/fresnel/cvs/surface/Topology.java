package ai.fresnel.cvs.surface;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;

/** Measures of meshes. */
final class Topology {

  private Topology() {}

  /**
   * Checks that a mesh is a closed, oriented 2-manifold: each side is there once in each direction,
   * and the triangles around each vertex form one fan.
   */
  static void assertWatertight(SurfaceMesh mesh) {
    int[] indices = mesh.indices();
    long count = mesh.vertexCount();
    Map<Long, Integer> sides = new HashMap<>();
    // From a vertex and the next one around it to the one after, for each triangle at the vertex.
    Map<Long, Integer> around = new HashMap<>();
    int[] fans = new int[mesh.vertexCount()];
    for (int t = 0; t < indices.length; t += 3) {
      for (int k = 0; k < 3; k++) {
        int a = indices[t + k];
        int b = indices[t + (k + 1) % 3];
        int c = indices[t + (k + 2) % 3];
        sides.merge(count * a + b, 1, Integer::sum);
        around.put(count * a + b, c);
        fans[a]++;
      }
    }
    for (Map.Entry<Long, Integer> side : sides.entrySet()) {
      long key = side.getKey();
      assertEquals(1, side.getValue(), "a side is there twice in one direction");
      long back = key % count * count + key / count;
      assertEquals(1, sides.getOrDefault(back, 0), "a side has one triangle");
    }
    for (Map.Entry<Long, Integer> start : around.entrySet()) {
      int vertex = (int) (start.getKey() / count);
      if (fans[vertex] == 0) {
        continue;
      }
      int first = (int) (start.getKey() % count);
      int at = first;
      int triangles = 0;
      do {
        at = around.get(count * vertex + at);
        triangles++;
      } while (at != first);
      assertEquals(fans[vertex], triangles, "a vertex has several fans");
      fans[vertex] = 0;
    }
  }

  /** Returns V - E + F: 2 for each closed part, less 2 for each handle. */
  static int euler(SurfaceMesh mesh) {
    return mesh.vertexCount() - mesh.indices().length / 2 + mesh.triangleCount();
  }

  static double area(SurfaceMesh mesh) {
    double area = 0;
    for (int t = 0; t < mesh.indices().length; t += 3) {
      double[] n = normal(mesh, t);
      area += Math.sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]) / 2;
    }
    return area;
  }

  /** Returns the volume by the divergence theorem; above 0 if triangles wind the right way. */
  static double volume(SurfaceMesh mesh) {
    double volume = 0;
    for (int t = 0; t < mesh.indices().length; t += 3) {
      double[] n = normal(mesh, t);
      int a = 3 * mesh.indices()[t];
      for (int c = 0; c < 3; c++) {
        volume += n[c] * mesh.positions()[a + c] / 6;
      }
    }
    return volume;
  }

  /** Returns the normal of a triangle, twice as long as its area. */
  static double[] normal(SurfaceMesh mesh, int t) {
    double[][] sides = new double[2][3];
    for (int k = 0; k < 2; k++) {
      for (int c = 0; c < 3; c++) {
        sides[k][c] =
            (double) mesh.positions()[3 * mesh.indices()[t + k + 1] + c]
                - mesh.positions()[3 * mesh.indices()[t] + c];
      }
    }
    return new double[] {
      sides[0][1] * sides[1][2] - sides[0][2] * sides[1][1],
      sides[0][2] * sides[1][0] - sides[0][0] * sides[1][2],
      sides[0][0] * sides[1][1] - sides[0][1] * sides[1][0]
    };
  }
}
