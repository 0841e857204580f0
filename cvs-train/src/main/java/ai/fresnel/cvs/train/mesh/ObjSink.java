package ai.fresnel.cvs.train.mesh;

import de.javagl.obj.FloatTuple;
import de.javagl.obj.ObjFace;
import de.javagl.obj.WritableObj;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Passes the output of the OBJ parser to a {@link MeshBuilder}, from y-up to z-up. */
final class ObjSink implements WritableObj {
  private final MeshBuilder builder = new MeshBuilder();
  private final MaterialLibrary library;

  /** (3,3) row by row, applied before y-up becomes z-up. */
  private final float[] turn;

  private final Map<String, Integer> materialIndices = new HashMap<>();
  private String material = "";
  private float[] uvs = new float[512];
  private int uvCount;
  private float[] normals = new float[768];
  private int normalCount;

  ObjSink(MaterialLibrary library, float[] turn) {
    this.library = library;
    this.turn = turn;
  }

  Mesh build() {
    return builder.build();
  }

  @Override
  public void addVertex(float x, float y, float z) {
    builder.addPosition(turned(0, x, y, z), -turned(2, x, y, z), turned(1, x, y, z));
  }

  @Override
  public void addNormal(float x, float y, float z) {
    if (normalCount + 3 > normals.length) {
      normals = Arrays.copyOf(normals, 2 * normals.length);
    }
    normals[normalCount++] = turned(0, x, y, z);
    normals[normalCount++] = -turned(2, x, y, z);
    normals[normalCount++] = turned(1, x, y, z);
  }

  @Override
  public void addTexCoord(float u, float v) {
    if (!Float.isFinite(u) || !Float.isFinite(v)) {
      throw new IllegalArgumentException(
          "texture coordinate " + (uvCount / 2 + 1) + " is not a finite number");
    }
    if (uvCount + 2 > uvs.length) {
      uvs = Arrays.copyOf(uvs, 2 * uvs.length);
    }
    uvs[uvCount++] = u;
    uvs[uvCount++] = v;
  }

  @Override
  public void addFace(ObjFace face) {
    int n = face.getNumVertices();
    float[] xyz = new float[3 * Math.max(n, 3)];
    for (int i = 0; i < n; i++) {
      int vertex = checked(face.getVertexIndex(i), builder.positionCount(), "vertex");
      for (int c = 0; c < 3; c++) {
        xyz[3 * i + c] = builder.position(vertex, c);
      }
    }
    if (n < 3) {
      return; // Some files hold lines written as faces: nothing to see.
    }
    int index = materialIndices.computeIfAbsent(material, this::define);
    int[] cut = Polygons.triangulate(xyz);
    for (int i = 0; i < cut.length; i += 3) {
      addTriangle(face, cut[i], cut[i + 1], cut[i + 2], index);
    }
  }

  private void addTriangle(ObjFace face, int a, int b, int c, int index) {
    float[] uv = face.containsTexCoordIndices() ? new float[6] : null;
    float[] normal = face.containsNormalIndices() ? new float[9] : null;
    int[] corners = {a, b, c};
    for (int k = 0; k < 3; k++) {
      if (uv != null) {
        int at = checked(face.getTexCoordIndex(corners[k]), uvCount / 2, "texture coordinate");
        System.arraycopy(uvs, 2 * at, uv, 2 * k, 2);
      }
      if (normal != null) {
        int at = checked(face.getNormalIndex(corners[k]), normalCount / 3, "normal");
        System.arraycopy(normals, 3 * at, normal, 3 * k, 3);
      }
    }
    builder.addTriangle(
        face.getVertexIndex(a), face.getVertexIndex(b), face.getVertexIndex(c), normal, uv, index);
  }

  @Override
  public void setActiveMaterialGroupName(String name) {
    material = name == null ? "" : name.strip();
  }

  @Override
  public void setMtlFileNames(Collection<? extends String> names) {
    for (String line : names) {
      library.loadAll(line);
    }
  }

  private int define(String name) {
    return builder.addMaterial(library.material(name));
  }

  private float turned(int row, float x, float y, float z) {
    return turn[3 * row] * x + turn[3 * row + 1] * y + turn[3 * row + 2] * z;
  }

  private static int checked(int index, int count, String what) {
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException(
          "a face refers to " + what + " " + (index + 1L) + " of " + count);
    }
    return index;
  }

  @Override
  public void addVertex(FloatTuple v) {
    if (v.getDimensions() < 3) {
      throw new IllegalArgumentException("a vertex of fewer than three numbers");
    }
    addVertex(v.getX(), v.getY(), v.getZ());
  }

  @Override
  public void addTexCoord(FloatTuple t) {
    addTexCoord(t.getX(), t.getDimensions() > 1 ? t.getY() : 0);
  }

  @Override
  public void addTexCoord(float u) {
    addTexCoord(u, 0);
  }

  @Override
  public void addTexCoord(float u, float v, float w) {
    addTexCoord(u, v);
  }

  @Override
  public void addNormal(FloatTuple n) {
    if (n.getDimensions() < 3) {
      throw new IllegalArgumentException("a normal of fewer than three numbers");
    }
    addNormal(n.getX(), n.getY(), n.getZ());
  }

  @Override
  public void setActiveGroupNames(Collection<? extends String> names) {
    // Groups do not affect the image.
  }

  @Override
  public void addFace(int... v) {
    throw unused();
  }

  @Override
  public void addFaceWithTexCoords(int... v) {
    throw unused();
  }

  @Override
  public void addFaceWithNormals(int... v) {
    throw unused();
  }

  @Override
  public void addFaceWithAll(int... v) {
    throw unused();
  }

  @Override
  public void addFace(int[] v, int[] vt, int[] vn) {
    throw unused();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("the parser hands faces over as ObjFace");
  }
}
