package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads untrusted glTF 2.0 files, text or binary: the triangles of the default scene with base
 * colour, texture, vertex colours and transparency, in the pose that the file stores. Animations
 * stay at rest.
 *
 * <p>Counts everything that the scene draws before it makes any of it.
 */
final class GltfReader {

  private final GltfFile file;
  private final ObjectFiles files;
  private final GltfBuffers buffers;
  private final GltfMaterials materials;
  private final MeshBuilder builder = new MeshBuilder();
  private final Map<Integer, Integer> materialIndices = new HashMap<>();
  private final Map<Integer, GltfMaterials.Surface> surfaces = new HashMap<>();

  /** The primitives of triangles of each mesh that is drawn. */
  private final Map<Integer, List<GltfPrimitive>> meshes = new HashMap<>();

  private GltfReader(GltfFile file) {
    this.file = file;
    files = file.files();
    buffers = new GltfBuffers(file);
    materials = new GltfMaterials(file, buffers);
  }

  /**
   * Reads a mesh.
   *
   * @param files the files of the object
   * @param bytes the glTF or GLB file
   * @return the mesh, normalised, +z up
   * @throws IOException in one line naming the file, if it is malformed or requires unsupported
   *     features
   */
  static Mesh read(ObjectFiles files, byte[] bytes) throws IOException {
    try {
      return new GltfReader(GltfFile.parse(files, bytes)).mesh();
    } catch (IOException | RuntimeException e) {
      String line = TextFiles.oneLine(e);
      boolean named = line.startsWith(files.label() + ": ");
      throw new IOException(named ? line : files.label() + ": " + line, e);
    }
  }

  /** A mesh at a node. */
  private record Instance(int node, JsonValue mesh, List<GltfPrimitive> primitives) {}

  private Mesh mesh() throws IOException {
    if (!file.list("animations").isEmpty()) {
      files.note("animations are left out");
    }
    GltfNodes nodes = new GltfNodes(file);
    List<Instance> instances = new ArrayList<>();
    for (int index : nodes.drawn()) {
      JsonValue node = nodes.node(index);
      if (GltfFile.extension(node, "EXT_mesh_gpu_instancing").isPresent()) {
        files.note("repeated meshes (EXT_mesh_gpu_instancing) are drawn once");
      }
      int mesh = GltfFile.integer(node, "mesh", -1);
      if (mesh >= 0) {
        instances.add(new Instance(index, file.get("meshes", mesh), count(mesh)));
      }
    }
    GltfPose pose = new GltfPose(file, buffers, nodes);
    for (Instance instance : instances) {
      for (GltfPrimitive primitive : instance.primitives()) {
        add(primitive, pose.pose(instance.node(), instance.mesh(), primitive));
      }
    }
    return builder.build();
  }

  /** Opens the primitives of a mesh when it is first drawn, and counts them whenever it is. */
  private List<GltfPrimitive> count(int mesh) throws IOException {
    List<GltfPrimitive> primitives = meshes.get(mesh);
    if (primitives == null) {
      primitives = new ArrayList<>();
      for (JsonValue primitive : GltfFile.items(file.get("meshes", mesh), "primitives")) {
        if (GltfPrimitive.isSurface(primitive)) {
          primitives.add(new GltfPrimitive(file, buffers, primitive));
        } else {
          files.note("points or lines are left out");
        }
      }
      meshes.put(mesh, primitives);
    }
    for (GltfPrimitive primitive : primitives) {
      // Even an empty primitive takes time.
      files.budget().triangles(Math.max(1, primitive.triangleCount()));
      files.budget().vertices(primitive.pointCount());
    }
    return primitives;
  }

  private void add(GltfPrimitive primitive, GltfPose.Posed posed) throws IOException {
    int[] points = primitive.points();
    int first = builder.positionCount();
    boolean[] bad = null;
    for (int i = 0; i < points.length; i++) {
      double[] p = posed.position(points[i]);
      if (Double.isFinite(p[0]) && Double.isFinite(p[1]) && Double.isFinite(p[2])) {
        // y up becomes z up.
        builder.addPosition(p[0], -p[2], p[1]);
      } else {
        bad = bad == null ? new boolean[points.length] : bad;
        bad[i] = true;
        builder.addPosition(0, 0, 0);
        files.note("vertices are not finite numbers; their triangles are left out");
      }
    }
    Integer material = primitive.material();
    GltfMaterials.Surface surface = surface(material);
    Corners corners =
        new Corners(
            primitive.optional("TEXCOORD_" + surface.set(), 2, 2),
            primitive.optional("NORMAL", 3, 3),
            primitive.optional("COLOR_0", 3, 4));
    int[] triangles = primitive.corners();
    int[] local = new int[3];
    int[] corner = new int[3];
    for (int t = 0; t < triangles.length; t += 3) {
      boolean mirrored = posed.isMirrored(points[triangles[t]]);
      boolean broken = false;
      for (int k = 0; k < 3; k++) {
        // A mirror reverses the winding.
        local[k] = triangles[t + (mirrored ? (3 - k) % 3 : k)];
        corner[k] = points[local[k]];
        broken |= bad != null && bad[local[k]];
      }
      if (!broken) {
        builder.addTriangle(
            first + local[0],
            first + local[1],
            first + local[2],
            corners.normals() == null ? null : normals(corners.normals(), corner, posed),
            corners.uvs() == null ? null : uvs(corners.uvs(), corner, surface),
            corners.colours() == null ? null : colours(corners.colours(), corner),
            materialIndices.get(material));
      }
    }
  }

  /** The attributes of corners; null where the primitive has none. */
  private record Corners(
      GltfBuffers.Numbers uvs, GltfBuffers.Numbers normals, GltfBuffers.Numbers colours) {}

  private GltfMaterials.Surface surface(Integer material) throws IOException {
    GltfMaterials.Surface surface = surfaces.get(material);
    if (surface == null) {
      try {
        surface = materials.surface(material);
      } catch (IOException | JsonException e) {
        String reason = TextFiles.oneLine(e).replace(files.label() + ": ", "");
        files.note("material " + material + " is damaged, white instead: " + reason);
        surface = materials.surface(null);
      }
      surfaces.put(material, surface);
      materialIndices.put(material, builder.addMaterial(surface.material()));
    }
    return surface;
  }

  /** Returns the colours of corners, factors in linear light. Ignores their alpha, with a note. */
  private float[] colours(GltfBuffers.Numbers numbers, int[] corner) {
    float[] colours = new float[9];
    for (int k = 0; k < 3; k++) {
      for (int c = 0; c < 3; c++) {
        float value = numbers.get(corner[k], c);
        // NaN becomes white.
        colours[3 * k + c] = value >= 0 ? Math.min(value, 1) : value < 0 ? 0 : 1;
      }
      if (numbers.components() == 4 && numbers.get(corner[k], 3) < 0.995f) {
        files.note("transparency of vertices is left out");
      }
    }
    return colours;
  }

  private float[] uvs(GltfBuffers.Numbers numbers, int[] corner, GltfMaterials.Surface surface) {
    float[] uvs = new float[6];
    for (int k = 0; k < 3; k++) {
      surface.uv(numbers.get(corner[k], 0), numbers.get(corner[k], 1), uvs, 2 * k);
    }
    for (int i = 0; i < uvs.length; i++) {
      if (!Float.isFinite(uvs[i])) {
        uvs[i] = 0;
        files.note("texture coordinates are not finite numbers; 0 instead");
      }
    }
    return uvs;
  }

  private static float[] normals(GltfBuffers.Numbers numbers, int[] corner, GltfPose.Posed posed)
      throws IOException {
    float[] normals = new float[9];
    for (int k = 0; k < 3; k++) {
      double[] n = posed.normal(corner[k], numbers);
      normals[3 * k] = (float) n[0];
      normals[3 * k + 1] = (float) -n[2];
      normals[3 * k + 2] = (float) n[1];
    }
    return normals;
  }
}
