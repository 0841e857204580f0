package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the points of glTF primitives where their nodes, skins and morph targets say, in the pose
 * that the file stores.
 *
 * <p>As the specification says, the joints of a skin decide alone: the matrix of the skinned node
 * itself does not count. Morph targets have the weights of the node, or else of the mesh.
 */
final class GltfPose {
  /** The most sets of joints; each has four joints for a point. */
  private static final int MAX_SETS = 8;

  private final GltfFile file;
  private final GltfBuffers buffers;
  private final GltfNodes nodes;
  private final Map<Integer, double[][]> skins = new HashMap<>();

  GltfPose(GltfFile file, GltfBuffers buffers, GltfNodes nodes) {
    this.file = file;
    this.buffers = buffers;
    this.nodes = nodes;
  }

  /** A morph target with a weight other than 0. */
  private record Target(
      double weight, GltfBuffers.Numbers positions, GltfBuffers.Numbers normals) {}

  /** Joints and weights of all points. */
  private record Influence(GltfBuffers.Numbers joints, GltfBuffers.Numbers weights) {}

  /**
   * Poses a primitive.
   *
   * @param index a node with a mesh
   * @param mesh its mesh
   * @param primitive a primitive of it
   */
  Posed pose(int index, JsonValue mesh, GltfPrimitive primitive) throws IOException {
    JsonValue node = nodes.node(index);
    List<Target> targets = targets(node, mesh, primitive);
    List<Influence> influences = new ArrayList<>();
    int skin = GltfFile.integer(node, "skin", -1);
    while (skin >= 0 && influences.size() < MAX_SETS) {
      GltfBuffers.Numbers joints = primitive.optional("JOINTS_" + influences.size(), 4, 4);
      GltfBuffers.Numbers weights = primitive.optional("WEIGHTS_" + influences.size(), 4, 4);
      if (joints == null || weights == null) {
        break;
      }
      influences.add(new Influence(joints, weights));
    }
    double[] world = nodes.world(index);
    return new Posed(
        primitive.positions(),
        targets,
        influences,
        influences.isEmpty() ? null : skin(skin),
        world);
  }

  private static List<Target> targets(JsonValue node, JsonValue mesh, GltfPrimitive primitive)
      throws IOException {
    List<JsonValue> weights = GltfFile.items(node, "weights");
    weights = weights.isEmpty() ? GltfFile.items(mesh, "weights") : weights;
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      double weight = weights.get(i).number();
      if (weight != 0) {
        GltfBuffers.Numbers positions = primitive.target(i, "POSITION");
        GltfBuffers.Numbers normals = primitive.target(i, "NORMAL");
        targets.add(new Target(weight, positions, normals));
      }
    }
    return targets;
  }

  /** Returns the matrices of the joints of a skin, from the bind pose to the world. */
  private double[][] skin(int index) throws IOException {
    double[][] matrices = skins.get(index);
    if (matrices == null) {
      JsonValue skin = file.get("skins", index);
      List<JsonValue> joints = GltfFile.items(skin, "joints");
      int accessor = GltfFile.integer(skin, "inverseBindMatrices", -1);
      GltfBuffers.Numbers inverse = accessor < 0 ? null : buffers.accessor(accessor);
      if (inverse != null && (inverse.components() != 16 || inverse.count() < joints.size())) {
        throw new IOException("skin " + index + " has too few inverse bind matrices");
      }
      matrices = new double[joints.size()][];
      for (int j = 0; j < matrices.length; j++) {
        double[] world = nodes.world(joints.get(j).integer());
        double[] bind = new double[16];
        for (int i = 0; i < 16 && inverse != null; i++) {
          bind[i] = inverse.get(j, i);
        }
        matrices[j] = inverse == null ? world : GltfNodes.times(world, bind);
      }
      skins.put(index, matrices);
    }
    return matrices;
  }

  /** A primitive in its pose. */
  static final class Posed {
    private final GltfBuffers.Numbers positions;
    private final List<Target> targets;
    private final List<Influence> influences;
    private final double[][] joints;

    /** The matrix of all points without a skin. */
    private final double[] world;

    private final double[] worldCofactors;

    private Posed(
        GltfBuffers.Numbers positions,
        List<Target> targets,
        List<Influence> influences,
        double[][] joints,
        double[] world) {
      this.positions = positions;
      this.targets = targets;
      this.influences = influences;
      this.joints = joints;
      this.world = world;
      worldCofactors = cofactors(world);
    }

    /** Returns the matrix of a point, column by column; not to be changed. */
    double[] matrix(int point) throws IOException {
      if (joints == null) {
        return world;
      }
      double[] sum = new double[16];
      double total = 0;
      for (Influence influence : influences) {
        for (int k = 0; k < 4; k++) {
          double weight = influence.weights().get(point, k);
          if (weight > 0) {
            int joint = (int) influence.joints().get(point, k);
            if (joint >= joints.length) {
              throw new IOException("joint " + joint + " of " + joints.length);
            }
            total += weight;
            for (int i = 0; i < 16; i++) {
              sum[i] += weight * joints[joint][i];
            }
          }
        }
      }
      for (int i = 0; i < 16 && total > 0; i++) {
        sum[i] /= total;
      }
      return total > 0 ? sum : world;
    }

    /** Returns the position of a point in the world of the file, y up. */
    double[] position(int point) throws IOException {
      double[] p = new double[3];
      for (int c = 0; c < 3; c++) {
        p[c] = positions.get(point, c);
        for (Target target : targets) {
          if (target.positions() != null) {
            p[c] += target.weight() * target.positions().get(point, c);
          }
        }
      }
      double[] m = matrix(point);
      double[] moved = new double[3];
      for (int row = 0; row < 3; row++) {
        moved[row] = m[row] * p[0] + m[4 + row] * p[1] + m[8 + row] * p[2] + m[12 + row];
      }
      return moved;
    }

    /**
     * Returns the direction of a normal in the world of the file, by the cofactors of the matrix,
     * (M⁻¹)ᵀ times its determinant.
     */
    double[] normal(int point, GltfBuffers.Numbers normals) throws IOException {
      double[] n = new double[3];
      for (int c = 0; c < 3; c++) {
        n[c] = normals.get(point, c);
        for (Target target : targets) {
          if (target.normals() != null) {
            n[c] += target.weight() * target.normals().get(point, c);
          }
        }
      }
      double[] cofactors = joints == null ? worldCofactors : cofactors(matrix(point));
      double[] turned = new double[3];
      for (int row = 0; row < 3; row++) {
        turned[row] =
            cofactors[3 * row] * n[0]
                + cofactors[3 * row + 1] * n[1]
                + cofactors[3 * row + 2] * n[2];
      }
      return turned;
    }

    /** Says whether the matrix of a point is a mirror, which reverses the winding. */
    boolean isMirrored(int point) throws IOException {
      double[] m = matrix(point);
      double[] cofactors = joints == null ? worldCofactors : cofactors(m);
      return m[0] * cofactors[0] + m[4] * cofactors[1] + m[8] * cofactors[2] < 0;
    }

    /** Returns the cofactors, (3,3) row by row, of the upper left of a matrix. */
    private static double[] cofactors(double[] m) {
      double[] cofactors = new double[9];
      for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 3; column++) {
          int r1 = (row + 1) % 3;
          int r2 = (row + 2) % 3;
          int c1 = (column + 1) % 3;
          int c2 = (column + 2) % 3;
          cofactors[3 * row + column] =
              m[4 * c1 + r1] * m[4 * c2 + r2] - m[4 * c2 + r1] * m[4 * c1 + r2];
        }
      }
      return cofactors;
    }
  }
}
