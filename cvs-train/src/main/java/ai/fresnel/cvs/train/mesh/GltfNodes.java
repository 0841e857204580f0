package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * The nodes of a glTF file: a forest, each node with one parent at most. Matrices are double, since
 * nodes of a map lie millions of metres from the origin.
 */
final class GltfNodes {
  private static final int NONE = -1;

  private final GltfFile file;
  private final List<JsonValue> nodes;
  private final int[] parents;
  private final int[][] children;

  /** (N) matrices to the world, column by column; null until they are needed. */
  private final double[][] worlds;

  /**
   * Checks the graph.
   *
   * @throws IOException if a node has two parents, is its own ancestor, or is missing
   */
  GltfNodes(GltfFile file) throws IOException {
    this.file = file;
    nodes = file.list("nodes");
    int count = nodes.size();
    worlds = new double[count][];
    parents = new int[count];
    children = new int[count][];
    Arrays.fill(parents, NONE);
    for (int i = 0; i < count; i++) {
      children[i] =
          GltfFile.items(nodes.get(i), "children").stream().mapToInt(JsonValue::integer).toArray();
      for (int child : children[i]) {
        file.get("nodes", child);
        if (parents[child] != NONE) {
          throw new IOException(
              String.format("node %d has two parents, %d and %d", child, parents[child], i));
        }
        parents[child] = i;
      }
    }
    checkCircles();
  }

  /** Walks up from each node, over each edge once. */
  private void checkCircles() throws IOException {
    int[] seen = new int[nodes.size()];
    for (int i = 0; i < seen.length; i++) {
      for (int at = i; at != NONE && seen[at] <= 0; at = parents[at]) {
        if (seen[at] == NONE - i) {
          throw new IOException("nodes are nested in a circle: node " + at + " is its own parent");
        }
        seen[at] = NONE - i;
      }
      for (int at = i; at != NONE && seen[at] == NONE - i; at = parents[at]) {
        seen[at] = 1;
      }
    }
  }

  /** Returns a node. */
  JsonValue node(int index) throws IOException {
    return file.get("nodes", index);
  }

  /** Returns the nodes of the default scene, parents before children; each once. */
  List<Integer> drawn() throws IOException {
    boolean[] seen = new boolean[nodes.size()];
    List<Integer> drawn = new ArrayList<>();
    Deque<Integer> stack = new ArrayDeque<>();
    List<Integer> roots = roots();
    Collections.reverse(roots);
    roots.forEach(stack::push);
    while (!stack.isEmpty()) {
      int node = stack.pop();
      if (!seen[node]) {
        seen[node] = true;
        drawn.add(node);
        for (int i = children[node].length - 1; i >= 0; i--) {
          stack.push(children[node][i]);
        }
      }
    }
    return drawn;
  }

  /** Returns the roots of the default scene, or all nodes without a parent if there is no scene. */
  private List<Integer> roots() throws IOException {
    List<Integer> roots = new ArrayList<>();
    if (!file.list("scenes").isEmpty()) {
      for (JsonValue root : GltfFile.items(file.get("scenes", file.scene()), "nodes")) {
        node(root.integer());
        roots.add(root.integer());
      }
      return roots;
    }
    for (int i = 0; i < parents.length; i++) {
      if (parents[i] == NONE) {
        roots.add(i);
      }
    }
    return roots;
  }

  /** Returns the matrix from a node to the world, column by column; not to be changed. */
  double[] world(int node) throws IOException {
    node(node);
    Deque<Integer> path = new ArrayDeque<>();
    for (int at = node; at != NONE && worlds[at] == null; at = parents[at]) {
      path.push(at);
    }
    while (!path.isEmpty()) {
      int at = path.pop();
      double[] local = local(nodes.get(at));
      worlds[at] = parents[at] == NONE ? local : times(worlds[parents[at]], local);
    }
    return worlds[node];
  }

  /** Returns the local matrix of a node from its matrix or its parts. */
  private static double[] local(JsonValue node) {
    double[] matrix = GltfFile.numbers(node, "matrix", new double[16]);
    if (matrix[15] != 0) {
      return matrix;
    }
    double[] t = GltfFile.numbers(node, "translation", 0, 0, 0);
    double[] q = GltfFile.numbers(node, "rotation", 0, 0, 0, 1);
    double[] s = GltfFile.numbers(node, "scale", 1, 1, 1);
    double x = q[0];
    double y = q[1];
    double z = q[2];
    double w = q[3];
    return new double[] {
      s[0] * (1 - 2 * (y * y + z * z)),
      s[0] * 2 * (x * y + z * w),
      s[0] * 2 * (x * z - y * w),
      0,
      s[1] * 2 * (x * y - z * w),
      s[1] * (1 - 2 * (x * x + z * z)),
      s[1] * 2 * (y * z + x * w),
      0,
      s[2] * 2 * (x * z + y * w),
      s[2] * 2 * (y * z - x * w),
      s[2] * (1 - 2 * (x * x + y * y)),
      0,
      t[0],
      t[1],
      t[2],
      1
    };
  }

  /** Multiplies two matrices, column by column. */
  static double[] times(double[] a, double[] b) {
    double[] product = new double[16];
    for (int column = 0; column < 4; column++) {
      for (int row = 0; row < 4; row++) {
        for (int k = 0; k < 4; k++) {
          product[4 * column + row] += a[4 * k + row] * b[4 * column + k];
        }
      }
    }
    return product;
  }
}
