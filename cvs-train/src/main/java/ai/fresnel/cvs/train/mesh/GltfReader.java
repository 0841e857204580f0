package ai.fresnel.cvs.train.mesh;

import de.javagl.jgltf.impl.v2.GlTF;
import de.javagl.jgltf.impl.v2.MeshPrimitive;
import de.javagl.jgltf.impl.v2.Node;
import de.javagl.jgltf.impl.v2.Scene;
import de.javagl.jgltf.model.io.GltfAsset;
import de.javagl.jgltf.model.io.GltfAssetReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Reads untrusted glTF 2.0 files, text or binary: the triangles of the default scene with base
 * colour, texture, vertex colours and transparency. Skins, morph targets and animations stay at
 * rest.
 *
 * <p>The library jgltf parses the JSON; this package handles ranges, transforms, materials and
 * axes.
 */
final class GltfReader {

  private static final int MAGIC = 0x46546C67;
  private static final int HEADER = 12;
  private static final int CHUNK = 8;

  /** The deepest nesting of nodes; real files have less. */
  private static final int MAX_DEPTH = 128;

  static final int TRIANGLES = 4;
  private static final int STRIP = 5;
  private static final int FAN = 6;

  /**
   * The extensions that a file may require. Its material extensions change highlights, not the base
   * colour.
   */
  private static final Set<String> SUPPORTED =
      Set.of(
          GltfPrimitive.DRACO,
          "KHR_texture_transform",
          "KHR_mesh_quantization",
          "KHR_materials_pbrSpecularGlossiness",
          "KHR_materials_unlit",
          "KHR_materials_clearcoat",
          "KHR_materials_ior",
          "KHR_materials_sheen",
          "KHR_materials_specular",
          "KHR_materials_emissive_strength",
          "KHR_lights_punctual");

  /** jgltf logs each ignored property. The reference keeps the logger and its level alive. */
  private static final Logger JGLTF = Logger.getLogger("de.javagl.jgltf");

  static {
    JGLTF.setLevel(Level.OFF);
  }

  private final GlTF gltf;
  private final GltfBuffers buffers;
  private final GltfMaterials materials;
  private final Set<String> notes;
  private final MeshBuilder builder = new MeshBuilder();
  private final Map<Integer, Integer> materialIndices = new HashMap<>();
  private final Map<Integer, GltfMaterials.Surface> surfaces = new HashMap<>();

  private GltfReader(GltfAsset asset, GlTF gltf, Archive archive, String folder, Set<String> notes)
      throws IOException {
    this.gltf = gltf;
    this.notes = notes;
    buffers = new GltfBuffers(asset, gltf, archive, folder);
    materials = new GltfMaterials(gltf, buffers, notes);
  }

  /**
   * Reads a mesh.
   *
   * @param archive holds the file and the files that it names
   * @param name the real name of the file in the archive
   * @param bytes the file
   * @param notes receives a line for everything missing
   * @return the mesh, normalised, +z up
   * @throws IOException in one line naming the file, if it is malformed or requires unsupported
   *     features
   */
  static Mesh read(Archive archive, String name, byte[] bytes, Set<String> notes)
      throws IOException {
    try {
      checkBinary(bytes);
      GltfAssetReader reader = new GltfAssetReader();
      // Unknown properties are common; values of a wrong type count as missing.
      reader.setJsonErrorConsumer(error -> {});
      GltfAsset asset = reader.readWithoutReferences(new ByteArrayInputStream(bytes));
      if (!(asset.getGltf() instanceof GlTF gltf)) {
        throw new IOException("glTF of version 1, expected 2");
      }
      Set<String> required = new TreeSet<>(list(gltf.getExtensionsRequired()));
      required.removeAll(SUPPORTED);
      if (!required.isEmpty()) {
        throw new IOException("requires " + String.join(", ", required) + ", not supported");
      }
      return new GltfReader(asset, gltf, archive, Archive.folderOf(name), notes).mesh();
    } catch (IOException | RuntimeException e) {
      throw new IOException(archive.label() + ": " + name + ": " + TextFiles.oneLine(e), e);
    }
  }

  /** Checks that the header and chunks of a binary file are as long as the file. */
  private static void checkBinary(byte[] bytes) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 4 || file.getInt(0) != MAGIC) {
      return;
    }
    if (bytes.length < HEADER + CHUNK) {
      throw new IOException("binary glTF of " + bytes.length + " bytes is cut off");
    }
    int version = file.getInt(4);
    if (version != 2) {
      throw new IOException("binary glTF of version " + version + ", expected 2");
    }
    long claimed = Integer.toUnsignedLong(file.getInt(8));
    if (claimed > bytes.length) {
      throw new IOException("claims " + claimed + " bytes and has " + bytes.length);
    }
    for (long at = HEADER; at + CHUNK <= claimed; ) {
      long length = Integer.toUnsignedLong(file.getInt((int) at));
      at += CHUNK + length;
      if (at > claimed) {
        throw new IOException("chunk of " + length + " bytes goes beyond the file's end");
      }
    }
  }

  private Mesh mesh() throws IOException {
    float[] identity = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    for (int root : roots()) {
      add(root, identity, 0);
    }
    return builder.build();
  }

  /** Returns the roots of the default scene, or all nodes without a parent if there is no scene. */
  private List<Integer> roots() throws IOException {
    List<Scene> scenes = list(gltf.getScenes());
    if (!scenes.isEmpty()) {
      int scene = gltf.getScene() == null ? 0 : gltf.getScene();
      return list(get(scenes, scene, "scene").getNodes());
    }
    List<Integer> roots = new ArrayList<>();
    Set<Integer> children = new TreeSet<>();
    list(gltf.getNodes()).forEach(node -> children.addAll(list(node.getChildren())));
    for (int i = 0; i < list(gltf.getNodes()).size(); i++) {
      if (!children.contains(i)) {
        roots.add(i);
      }
    }
    return roots;
  }

  private void add(int index, float[] parent, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("nodes are nested more than " + MAX_DEPTH + " deep, or in a circle");
    }
    Node node = get(gltf.getNodes(), index, "node");
    float[] matrix = times(parent, local(node));
    if (node.getMesh() != null) {
      for (MeshPrimitive primitive :
          list(get(gltf.getMeshes(), node.getMesh(), "mesh").getPrimitives())) {
        add(primitive, matrix);
      }
    }
    for (int child : list(node.getChildren())) {
      add(child, matrix, depth + 1);
    }
  }

  private void add(MeshPrimitive raw, float[] m) throws IOException {
    if (raw.getAttributes() == null) {
      throw new IOException("a primitive has no attributes");
    }
    int kind = raw.getMode() == null ? TRIANGLES : raw.getMode();
    if (kind < TRIANGLES || kind > FAN || !raw.getAttributes().containsKey("POSITION")) {
      notes.add("points or lines are left out");
      return;
    }
    GltfPrimitive primitive = new GltfPrimitive(gltf, buffers, raw);
    GltfBuffers.Numbers points = primitive.positions();
    int first = builder.positionCount();
    for (int i = 0; i < points.count(); i++) {
      float x = points.get(i, 0);
      float y = points.get(i, 1);
      float z = points.get(i, 2);
      // y up becomes z up.
      builder.addPosition(
          m[0] * x + m[4] * y + m[8] * z + m[12],
          -(m[2] * x + m[6] * y + m[10] * z + m[14]),
          m[1] * x + m[5] * y + m[9] * z + m[13]);
    }
    GltfMaterials.Surface surface = surface(raw.getMaterial());
    GltfBuffers.Numbers uvs = primitive.optional("TEXCOORD_" + surface.set(), 2, 2);
    GltfBuffers.Numbers normals = primitive.optional("NORMAL", 3, 3);
    GltfBuffers.Numbers colours = primitive.optional("COLOR_0", 3, 4);
    GltfBuffers.Numbers indices = primitive.indices();
    int corners = indices == null ? points.count() : indices.count();
    float[] cofactors = cofactors(m);
    boolean mirrored = m[0] * cofactors[0] + m[4] * cofactors[1] + m[8] * cofactors[2] < 0;
    int mode = primitive.mode();
    int triangles = mode == TRIANGLES ? corners / 3 : corners - 2;
    int[] corner = new int[3];
    for (int t = 0; t < triangles; t++) {
      for (int k = 0; k < 3; k++) {
        int at = mode == TRIANGLES ? 3 * t + k : mode == FAN && k == 0 ? 0 : t + k;
        long vertex = indices == null ? at : indices.index(at);
        if (vertex < 0 || vertex >= points.count()) {
          throw new IOException("index " + vertex + " of " + points.count() + " vertices");
        }
        corner[k] = (int) vertex;
      }
      // Every second triangle of a strip has the opposite winding, and a mirror reverses all.
      if (mirrored != (mode == STRIP && t % 2 == 1)) {
        int swapped = corner[1];
        corner[1] = corner[2];
        corner[2] = swapped;
      }
      builder.addTriangle(
          first + corner[0],
          first + corner[1],
          first + corner[2],
          normals == null ? null : normals(normals, corner, cofactors),
          uvs == null ? null : uvs(uvs, corner, surface),
          colours == null ? null : colours(colours, corner),
          materialIndices.get(raw.getMaterial()));
    }
  }

  private GltfMaterials.Surface surface(Integer material) throws IOException {
    GltfMaterials.Surface surface = surfaces.get(material);
    if (surface == null) {
      surface = materials.surface(material);
      surfaces.put(material, surface);
      materialIndices.put(material, builder.addMaterial(surface.material()));
    }
    return surface;
  }

  /** Returns the colours of corners, factors in linear light. Ignores their alpha. */
  private static float[] colours(GltfBuffers.Numbers numbers, int[] corner) {
    float[] colours = new float[9];
    for (int k = 0; k < 3; k++) {
      for (int c = 0; c < 3; c++) {
        float value = numbers.get(corner[k], c);
        // NaN becomes white.
        colours[3 * k + c] = value >= 0 ? Math.min(value, 1) : value < 0 ? 0 : 1;
      }
    }
    return colours;
  }

  private static float[] uvs(
      GltfBuffers.Numbers numbers, int[] corner, GltfMaterials.Surface surface) throws IOException {
    float[] uvs = new float[6];
    for (int k = 0; k < 3; k++) {
      surface.uv(numbers.get(corner[k], 0), numbers.get(corner[k], 1), uvs, 2 * k);
    }
    for (float value : uvs) {
      if (!Float.isFinite(value)) {
        throw new IOException("a texture coordinate is not a finite number");
      }
    }
    return uvs;
  }

  /** Transforms normals by the cofactors of the matrix, (M⁻¹)ᵀ times its determinant. */
  private static float[] normals(GltfBuffers.Numbers numbers, int[] corner, float[] cofactors) {
    float[] normals = new float[9];
    for (int k = 0; k < 3; k++) {
      float x = numbers.get(corner[k], 0);
      float y = numbers.get(corner[k], 1);
      float z = numbers.get(corner[k], 2);
      normals[3 * k] = cofactors[0] * x + cofactors[1] * y + cofactors[2] * z;
      normals[3 * k + 1] = -(cofactors[6] * x + cofactors[7] * y + cofactors[8] * z);
      normals[3 * k + 2] = cofactors[3] * x + cofactors[4] * y + cofactors[5] * z;
    }
    return normals;
  }

  /** Returns the cofactors, (3,3) row by row, of the upper left of a column-major 4×4 matrix. */
  private static float[] cofactors(float[] m) {
    float[] cofactors = new float[9];
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

  /** Returns the local matrix of a node, column by column, from its matrix or its parts. */
  private static float[] local(Node node) {
    if (node.getMatrix() != null && node.getMatrix().length == 16) {
      return node.getMatrix();
    }
    float[] t = orElse(node.getTranslation(), 0, 0, 0);
    float[] q = orElse(node.getRotation(), 0, 0, 0, 1);
    float[] s = orElse(node.getScale(), 1, 1, 1);
    float x = q[0];
    float y = q[1];
    float z = q[2];
    float w = q[3];
    return new float[] {
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

  private static float[] orElse(float[] given, float... otherwise) {
    return given != null && given.length == otherwise.length ? given : otherwise;
  }

  private static float[] times(float[] a, float[] b) {
    float[] product = new float[16];
    for (int column = 0; column < 4; column++) {
      for (int row = 0; row < 4; row++) {
        for (int k = 0; k < 4; k++) {
          product[4 * column + row] += a[4 * k + row] * b[4 * column + k];
        }
      }
    }
    return product;
  }

  /** Returns a list, empty if the file omits it. */
  static <T> List<T> list(List<T> values) {
    return values == null ? List.of() : values;
  }

  /** Returns the element at an index of the file. */
  static <T> T get(List<T> values, int index, String what) throws IOException {
    if (index < 0 || index >= list(values).size()) {
      throw new IOException(what + " " + index + " of " + list(values).size());
    }
    return values.get(index);
  }
}
