package ai.fresnel.cvs.train.fuzz;

import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.mesh.MeshSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The readers of meshes. */
final class MeshParsers {

  private static final String OBJ =
      """
      # a box without its back
      mtllib fuzzed.mtl
      o box
      v -1 -1 -1
      v 1 -1 -1 0.5 0.25 1
      v 1 1 -1
      v -1 1 -1
      v -1 -1 1
      v 1 -1 1
      v 1 1 1 1
      v -1 1 1
      vt 0 0
      vt 1 0
      vt 1 1 0
      vt 0 1
      vn 0 0 1
      vn 0 0 -1
      usemtl wood
      s 1
      f 1/1/2 4/4/2 3/3/2 2/2/2
      f 5/1/1 6/2/1 7/3/1 8/4/1
      g sides
      usemtl paint
      f 1 2 6 5
      f -6//1 -5//1 -1//1
      f 2/1 3/2 7/3 6/4
      """;

  private static final String MTL =
      """
      newmtl wood
      Ka 1 1 1
      Kd 0.8 0.7 0.6
      Ks 0 0 0
      Ns 96
      d 1
      illum 2
      map_Kd -s 2 2 1 -o 0.5 0 0 fuzzed.png
      newmtl paint
      Kd 0.1 0.2 0.9
      Tr 0.25
      map_d fuzzed.png
      """;

  private static final String CATALOG =
      """
      id=fuzzed
      license=CC-BY 4.0
      name#1=Box
      model#1=/fuzzed.obj
      modelRotation#1=1 0 0 0 0 1 0 -1 0
      creator#1=Nobody
      category#1=Boxes
      """;

  private static final float[] POINTS = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4};
  private static final short[] FACES = {0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3};

  private static final String GLTF =
      """
      {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0, 2]}],
       "nodes": [{"children": [1], "matrix": [1,0,0,0, 0,2,0,0, 0,0,1,0, 0,0,0,1]},
         {"mesh": 0, "translation": [5, 6, 7], "rotation": [0, 0.7, 0, 0.7], "scale": [1, 1, 0.5]},
         {"mesh": 1, "skin": 0}],
       "skins": [{"joints": [0, 1]}],
       "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 2, "COLOR_0": 3},
           "indices": 1, "material": 0, "mode": 4}]},
         {"primitives": [{"attributes": {"POSITION": 0}, "mode": 5, "material": 1,
           "targets": [{"POSITION": 0}]}], "weights": [0.5]}],
       "materials": [{"alphaMode": "MASK", "alphaCutoff": 0.4, "doubleSided": true,
         "pbrMetallicRoughness": {"baseColorFactor": [0.2, 1, 0.5, 1],
           "baseColorTexture": {"index": 0, "texCoord": 0, "extensions":
             {"KHR_texture_transform": {"offset": [0.25, 0.5], "scale": [2, 3], "rotation": 1}}}}},
         {"alphaMode": "BLEND", "emissiveFactor": [1, 0, 0], "extensions":
           {"KHR_materials_pbrSpecularGlossiness": {"diffuseFactor": [1, 0.5, 0, 0.5]}}}],
       "accessors": [
         {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
          "min": [0, 0, 0], "max": [1, 2, 4]},
         {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
         {"bufferView": 2, "componentType": 5126, "count": 4, "type": "VEC2"},
         {"bufferView": 2, "byteOffset": 16, "componentType": 5121, "count": 4, "type": "VEC3",
          "normalized": true}],
       "bufferViews": [
         {"buffer": 0, "byteOffset": 0, "byteLength": 48},
         {"buffer": 0, "byteOffset": 48, "byteLength": 24, "target": 34963},
         {"buffer": 0, "byteOffset": 72, "byteLength": 32}],
       "samplers": [{"wrapS": 33071, "wrapT": 33648, "magFilter": 9729}],
       "textures": [{"source": 0, "sampler": 0}], "images": [{"uri": "fuzzed.png"}],
       "buffers": [{"byteLength": 104BUFFER}]}
      """;

  private static final String DRACO_GLTF =
      """
      {"asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
       "extensionsUsed": ["KHR_draco_mesh_compression"],
       "extensionsRequired": ["KHR_draco_mesh_compression"],
       "meshes": [{"primitives": [{
         "attributes": {"POSITION": 0, "TEXCOORD_0": 2, "COLOR_0": 3}, "indices": 1,
         "extensions": {"KHR_draco_mesh_compression": {"bufferView": 0,
           "attributes": {"POSITION": 2, "TEXCOORD_0": 1, "COLOR_0": 0}}}}]}],
       "accessors": [
         {"componentType": 5126, "count": 4, "type": "VEC3"},
         {"componentType": 5123, "count": 12, "type": "SCALAR"},
         {"componentType": 5126, "count": 4, "type": "VEC2"},
         {"componentType": 5121, "count": 4, "type": "VEC3", "normalized": true}],
       "bufferViews": [{"buffer": 0, "byteLength": LENGTH}],
       "buffers": [{"byteLength": LENGTH}]}
      """;

  /** Four points and four triangles, as Google's encoder (DracoPy 2.2.0) compressed them. */
  private static final String DRACO_SEQUENTIAL =
      "RFJBQ08CAgEAAAAEBAEAAgEAAQMAAwIBAgMBAwICAwEAAwkCAQEACQMAAgEAAgABAQAJAwEQASATARADAJCQMTAz5jIA"
          + "AAAA/wAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAACAPwAAgD8AAIA/AAEBAA0DARAnATADAFCCAEAAAID/+38AAID/"
          + "DwAAAAAA/w8AAAAAAAAAAAAAAAAAAAAAgEAM";

  private static final String DRACO_EDGEBREAKER =
      "RFJBQ08CAgEBAAAABAQCAwAAAS8BARD/AmZA/wJmQAMAAAABAAD/AAABAgIDAQABAQMJAgEBAAEACQMAAgIBAQEACQcB"
          + "EA8BEAEgAwAYkGbMZ2XLZiE6UAYAAAAA/wAAAAAAgD8AAIA/AAAAAAAAgD8AAAAAAAAAAAAAgD8AAAAAAQEBAA0D"
          + "ARAnATADAFCCBID/FwAA+H8AAMD/BwAAAAAA/w8AAAAAAAAAAAAAAAAAAAAAgEAM";

  private MeshParsers() {}

  /** Loads all meshes of a folder, as rendering does. */
  static void read(Path root) throws Exception {
    for (MeshSource source : MeshFiles.list(root)) {
      check(source);
    }
  }

  /** Loads a mesh and checks what holds of every mesh. */
  static void check(MeshSource source) throws IOException {
    Checks.name(source.id());
    LoadedMesh loaded = source.load();
    loaded.notes().forEach(Checks::line);
    Checks.line(loaded.licence());
    Checks.line(loaded.creator());
    Checks.line(loaded.source());
    float[] positions = loaded.mesh().positions();
    for (int vertex : loaded.mesh().indices()) {
      for (int c = 0; c < 3; c++) {
        float value = positions[3 * vertex + c];
        if (!(Math.abs(value) <= 0.5001f)) {
          throw new AssertionError("a vertex at " + value + ", expected the unit cube");
        }
      }
    }
  }

  static List<Parser> all() {
    byte[] png = Packing.image("png", BufferedImage.TYPE_INT_ARGB, 8, 8);
    byte[] jpeg = Packing.image("jpg", BufferedImage.TYPE_INT_RGB, 8, 8);
    Seed.Folder around =
        root -> {
          Files.write(root.resolve("fuzzed.png"), png);
          Files.write(root.resolve("fuzzed.bin"), data());
        };
    Seed.Folder material =
        root -> {
          around.write(root);
          Files.writeString(root.resolve("fuzzed.mtl"), MTL);
        };
    Seed.Folder mesh =
        root -> {
          material.write(root);
          Files.writeString(root.resolve("fuzzed.obj"), OBJ);
        };
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("models/fuzzed.obj", text(OBJ));
    files.put("models/fuzzed.mtl", text(MTL));
    files.put("models/fuzzed.png", png);
    files.put("PluginFurnitureCatalog.properties", text(CATALOG.replace("/f", "/models/f")));
    UnaryOperator<byte[]> glb = json -> Packing.glb(json, data());
    String embedded =
        ", \"uri\": \"data:application/octet-stream;base64,"
            + Base64.getEncoder().encodeToString(data())
            + "\"";
    List<String> objWords =
        List.of(
            "v",
            "vt",
            "vn",
            "f",
            "usemtl",
            "mtllib",
            "o",
            "g",
            "s",
            "1/1/1",
            "1//1",
            "-1",
            "fuzzed.mtl",
            "l",
            "p",
            "\\\n",
            "1/",
            "1//",
            "map_Kd",
            "newmtl",
            "Kd",
            "Tr",
            "d",
            "-s",
            "-o",
            "-clamp",
            "on",
            "fuzzed.png",
            "Ns",
            "../fuzzed.png");
    List<String> gltfWords =
        List.of(
            "\"uri\"",
            "\"mesh\"",
            "\"nodes\"",
            "\"children\"",
            "\"count\"",
            "\"byteOffset\"",
            "\"byteStride\"",
            "\"sparse\"",
            "\"extensions\"",
            "\"mode\"",
            "5120",
            "5121",
            "5125",
            "\"MAT4\"",
            "\"VEC2\"",
            "\"SCALAR\"",
            "data:;base64,AAAA",
            "fuzzed.png",
            "fuzzed.bin",
            "\"EXT_mesh_gpu_instancing\"",
            "\"bufferView\": 0,",
            "\"count\": 1000000000",
            "{\"mesh\": 0},",
            "\"KHR_mesh_quantization\"");
    Seed.Folder textured =
        root -> {
          Files.writeString(root.resolve("fuzzed.obj"), OBJ);
          Files.writeString(root.resolve("fuzzed.mtl"), MTL);
        };
    return List.of(
        new Parser(
            "obj", objWords, List.of(Seed.text("fuzzed.obj", OBJ).in(material)), MeshParsers::read),
        new Parser(
            "mtl",
            objWords,
            List.of(
                Seed.text("fuzzed.mtl", MTL)
                    .in(
                        root -> {
                          around.write(root);
                          Files.writeString(root.resolve("fuzzed.obj"), OBJ);
                        })),
            MeshParsers::read),
        new Parser(
            "zip",
            objWords,
            List.of(
                Seed.binary("fuzzed.zip", Packing.zip(files, false)),
                Seed.binary("fuzzed.zip", Packing.zip(files, true)).called("stored"),
                Seed.text("fuzzed.zip", OBJ)
                    .packed(b -> Packing.zip(Packing.with(files, "models/fuzzed.obj", b), false))
                    .called("obj inside")),
            MeshParsers::read),
        new Parser(
            "catalogue",
            List.of("model#1", "creator#1", "modelRotation#1", "license", "=", "\\u00", "\\"),
            List.of(
                Seed.text("PluginFurnitureCatalog.properties", CATALOG).in(mesh),
                Seed.text("fuzzed.sh3f", CATALOG)
                    .packed(
                        b ->
                            Packing.zip(
                                Packing.with(files, "PluginFurnitureCatalog.properties", b), false))
                    .called("inside")),
            MeshParsers::read),
        new Parser(
            "gltf",
            gltfWords,
            List.of(
                Seed.text("fuzzed.gltf", GLTF.replace("BUFFER", ", \"uri\": \"fuzzed.bin\""))
                    .in(around),
                Seed.text("fuzzed.gltf", GLTF.replace("BUFFER", embedded))
                    .in(around)
                    .called("data uri")),
            MeshParsers::read),
        new Parser(
            "glb",
            gltfWords,
            List.of(
                Seed.binary("fuzzed.glb", glb.apply(text(GLTF.replace("BUFFER", "")))).in(around),
                Seed.text("fuzzed.glb", GLTF.replace("BUFFER", ""))
                    .packed(glb)
                    .in(around)
                    .called("json inside"),
                Seed.binary("fuzzed.glb", data())
                    .packed(b -> Packing.glb(text(GLTF.replace("BUFFER", "")), b))
                    .in(around)
                    .called("data inside")),
            MeshParsers::read),
        new Parser(
            "draco",
            gltfWords,
            List.of(draco(DRACO_SEQUENTIAL, "sequential"), draco(DRACO_EDGEBREAKER, "edgebreaker")),
            MeshParsers::read),
        new Parser(
            "texture",
            List.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND"),
            List.of(
                Seed.binary("fuzzed.png", png)
                    .packed(Packing::png)
                    .in(textured)
                    .orNamed("fuzzed.obj"),
                Seed.binary("fuzzed.png", png).in(textured).orNamed("fuzzed.obj").called("raw"),
                Seed.binary("fuzzed.png", jpeg).in(textured).orNamed("fuzzed.obj").called("jpeg")),
            MeshParsers::read));
  }

  private static Seed draco(String base64, String name) {
    return Seed.binary("fuzzed.glb", Base64.getDecoder().decode(base64))
        .packed(b -> Packing.glb(text(DRACO_GLTF.replace("LENGTH", Integer.toString(b.length))), b))
        .called(name);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Positions at byte 0, indices at 48, texture coordinates at 72, 104 bytes in all. */
  private static byte[] data() {
    ByteBuffer data = ByteBuffer.allocate(104).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : POINTS) {
      data.putFloat(value);
    }
    for (short value : FACES) {
      data.putShort(value);
    }
    for (float value : new float[] {0, 0, 1, 0, 0, 1, 1, 1}) {
      data.putFloat(value);
    }
    return data.array();
  }
}
