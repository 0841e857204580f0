package ai.fresnel.cvs.train.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GltfReaderTest {

  /** One corner at the origin and one on each axis, 1, 2 and 4 long: four triangles. */
  private static final float[] POINTS = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4};

  private static final short[] FACES = {0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3};

  @TempDir Path folder;

  private final Set<String> notes = new LinkedHashSet<>();

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

  /** The file's JSON with some parts put in. */
  private static String json(String nodes, String material, String buffer) {
    return """
        {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
         "nodes": [NODES],
         "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 2},
           "indices": 1, "material": 0}]}],
         "materials": [MATERIAL],
         "accessors": [
           {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
           {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
           {"bufferView": 2, "componentType": 5126, "count": 4, "type": "VEC2"}],
         "bufferViews": [
           {"buffer": 0, "byteOffset": 0, "byteLength": 48},
           {"buffer": 0, "byteOffset": 48, "byteLength": 24},
           {"buffer": 0, "byteOffset": 72, "byteLength": 32}],
         "textures": [{"source": 0}], "images": [{"uri": "colour%20map.png"}],
         "buffers": [{"byteLength": 104BUFFER}]}
        """
        .replace("NODES", nodes)
        .replace("MATERIAL", material)
        .replace("BUFFER", buffer);
  }

  private static byte[] binary(String json) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 3) / 4 * 4);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    byte[] data = data();
    ByteBuffer file =
        ByteBuffer.allocate(28 + padded.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0x46546C67).putInt(2).putInt(file.capacity());
    file.putInt(padded.length).putInt(0x4E4F534A).put(padded);
    file.putInt(data.length).putInt(0x004E4942).put(data);
    return file.array();
  }

  private Mesh read(byte[] bytes) throws IOException {
    try (FolderArchive archive = new FolderArchive(folder)) {
      ObjectFiles files = new ObjectFiles(archive, "a.glb", new Budget());
      Mesh mesh = GltfReader.read(files, bytes);
      notes.clear();
      notes.addAll(files.notes());
      return mesh;
    }
  }

  private static float[] vertex(Mesh mesh, int index) {
    return Arrays.copyOfRange(mesh.positions, 3 * index, 3 * index + 3);
  }

  @Test
  void placesWhatItsNodesSay() throws IOException {
    // Moved, turned by 90 degrees around y (z to x, x to -z), scaled; in a parent with a matrix
    // that doubles y.
    String nodes =
        """
        {"children": [1], "matrix": [1,0,0,0, 0,2,0,0, 0,0,1,0, 0,0,0,1]},
        {"mesh": 0, "translation": [5, 6, 7], "rotation": [0, 0.70710678, 0, 0.70710678],
         "scale": [1, 1, 0.5]}
        """;
    Mesh mesh = read(binary(json(nodes, "{}", "")));
    // By hand, y up: the corners at (5,12,7), (5,12,6), (5,16,7), (7,12,7); their box is
    // 2×4×1 around (6,14,6.5); z up and in the unit cube:
    assertArrayEquals(new float[] {-0.25f, -0.125f, -0.5f}, vertex(mesh, 0), 1e-6f);
    assertArrayEquals(new float[] {-0.25f, 0.125f, -0.5f}, vertex(mesh, 1), 1e-6f);
    assertArrayEquals(new float[] {-0.25f, -0.125f, 0.5f}, vertex(mesh, 2), 1e-6f);
    assertArrayEquals(new float[] {0.25f, -0.125f, -0.5f}, vertex(mesh, 3), 1e-6f);
    assertEquals(4, mesh.triangleCount());
    assertTrue(notes.isEmpty(), notes.toString());
    assertFacesOutward(mesh);
  }

  /** Behind a mirror triangles wind the other way: the outside stays outside. */
  @Test
  void mirrorsKeepTheOutsideOutside() throws IOException {
    assertFacesOutward(read(binary(json("{\"mesh\": 0}", "{}", ""))));
    assertFacesOutward(read(binary(json("{\"mesh\": 0, \"scale\": [-1, 1, 1]}", "{}", ""))));
    assertFacesOutward(read(binary(json("{\"mesh\": 0, \"scale\": [-1, -2, 3]}", "{}", ""))));
  }

  private static void assertFacesOutward(Mesh mesh) {
    float[] centre = new float[3];
    for (int i = 0; i < 12; i++) {
      centre[i % 3] += mesh.positions[i] / 4;
    }
    for (int t = 0; t < mesh.triangleCount(); t++) {
      float[] a = vertex(mesh, mesh.indices[3 * t]);
      double outward = 0;
      for (int c = 0; c < 3; c++) {
        outward += mesh.normals[9 * t + c] * (a[c] - centre[c]);
      }
      assertTrue(outward > 0, "triangle " + t);
    }
  }

  @Test
  void readsColourTextureAndItsTransform() throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xFFFF0000);
    image.setRGB(1, 0, 0x4000FF00);
    ImageIO.write(image, "png", folder.resolve("colour map.png").toFile());
    String material =
        """
        {"alphaMode": "MASK", "pbrMetallicRoughness": {"baseColorFactor": [0.2158605, 1, 0.5, 1],
          "baseColorTexture": {"index": 0, "extensions": {"KHR_texture_transform":
            {"offset": [0.25, 0.5], "scale": [2, 3]}}}}}
        """;
    Mesh mesh = read(binary(json("{\"mesh\": 0}", material, "")));
    Material read = mesh.materials().get(0);
    // 0.2158605 is linear light of sRGB 0.5019608.
    assertEquals(128 / 255f, read.red(), 1e-4);
    assertEquals(1, read.green());
    assertEquals(188 / 255f, read.blue(), 2e-3);
    assertEquals(1, read.opacity());
    assertTrue(read.texture().hasAlpha());
    float[] colour = new float[4];
    read.texture().sample(0.25f, 0.75f, 0, colour);
    assertArrayEquals(new float[] {1, 0, 0, 1}, colour, 1e-6f);
    // A quarter of the alpha is below the cutoff of a half.
    read.texture().sample(0.75f, 0.75f, 0, colour);
    assertArrayEquals(new float[4], colour, 1e-6f);
    // The second triangle's second corner, (1, 0) in the file.
    assertEquals(2.25f, mesh.uvs[6 + 2], 1e-6f);
    assertEquals(1 - 0.5f, mesh.uvs[6 + 3], 1e-6f);
  }

  @Test
  void opaqueAndBlendedMaterials() throws IOException {
    String blend =
        "{\"alphaMode\": \"BLEND\", \"pbrMetallicRoughness\":"
            + " {\"baseColorFactor\": [1, 1, 1, 0.25]}}";
    Mesh mesh = read(binary(json("{\"mesh\": 0}", blend, "")));
    assertEquals(0.25f, mesh.materials().get(0).opacity());
    String opaque = blend.replace("BLEND", "OPAQUE");
    mesh = read(binary(json("{\"mesh\": 0}", opaque, "")));
    assertEquals(1, mesh.materials().get(0).opacity());
    assertEquals(1, mesh.materials().get(0).red());
    String black = opaque.replace("[1, 1, 1, 0.25]", "[0, 1, 0, 1]");
    mesh = read(binary(json("{\"mesh\": 0}", black, "")));
    assertEquals(0.14f, mesh.materials().get(0).red(), 1e-6f, "as dark as paint gets");
    assertEquals(1, mesh.materials().get(0).green());
  }

  @Test
  void textFilesHaveTheirDataBesideOrInside() throws IOException {
    Mesh expected = read(binary(json("{\"mesh\": 0}", "{}", "")));
    Files.write(folder.resolve("data.bin"), data());
    String beside = json("{\"mesh\": 0}", "{}", ", \"uri\": \"data.bin\"");
    Mesh mesh = read(beside.getBytes(StandardCharsets.UTF_8));
    assertArrayEquals(expected.positions, mesh.positions);
    String base64 = Base64.getEncoder().encodeToString(data());
    String uri = ", \"uri\": \"data:application/octet-stream;base64," + base64 + "\"";
    mesh = read(json("{\"mesh\": 0}", "{}", uri).getBytes(StandardCharsets.UTF_8));
    assertArrayEquals(expected.positions, mesh.positions);
    assertArrayEquals(expected.indices, mesh.indices);
  }

  @Test
  void stripsAndFansAreTriangles() throws IOException {
    String json = json("{\"mesh\": 0}", "{}", "").replace("\"indices\": 1,", "\"mode\": 5,");
    assertEquals(2, read(binary(json)).triangleCount());
    Mesh fan = read(binary(json.replace("\"mode\": 5", "\"mode\": 6")));
    assertArrayEquals(new int[] {0, 1, 2, 0, 2, 3}, fan.indices);
  }

  private void assertRefused(String expected, byte[] bytes) {
    IOException e = assertThrows(IOException.class, () -> read(bytes));
    assertTrue(e.getMessage().contains("a.glb: " + expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void refusesWhatIsWrong() {
    String good = json("{\"mesh\": 0}", "{}", "");
    byte[] file = binary(good);
    assertRefused(
        "claims " + file.length + " bytes and has " + (file.length - 50),
        Arrays.copyOf(file, file.length - 50));
    assertRefused("binary glTF of 10 bytes is cut off", Arrays.copyOf(file, 10));
    byte[] claims = file.clone();
    ByteBuffer.wrap(claims).order(ByteOrder.LITTLE_ENDIAN).putInt(12, 0xF0000000);
    assertRefused("chunk of 4026531840 bytes goes beyond", claims);
    byte[] old = file.clone();
    old[4] = 1;
    assertRefused("binary glTF of version 1, expected 2", old);
    refused(
        good,
        "\"count\": 4, \"type\": \"VEC3\"",
        "\"count\": 4000000, \"type\": \"VEC3\"",
        "accessor 0 ends at byte 48000000 of bufferView 0, which has 48");
    refused(
        good,
        "\"byteOffset\": 48, \"byteLength\": 24",
        "\"byteOffset\": 48, \"byteLength\": 2400",
        "bufferView 1 ends at byte 2448 of buffer 0, which has 104");
    refused(
        good, "\"nodes\": [{\"mesh\": 0}]", "\"nodes\": [{\"children\": [0]}]", "nodes are nested");
    refused(good, "\"mesh\": 0}", "\"mesh\": 7}", "mesh 7 of 1");
    refused(
        good,
        "\"scene\": 0,",
        "\"extensionsRequired\": [\"EXT_meshopt_compression\"],",
        "requires EXT_meshopt_compression, not supported");
    refused(
        good,
        "\"buffers\": [{",
        "\"buffers\": [{\"uri\": \"../../etc/passwd\", ",
        "file ../../etc/passwd is missing");
    assertRefused("", "{}".getBytes(StandardCharsets.UTF_8));
    assertRefused("", "no json".getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream deep = new ByteArrayOutputStream();
    deep.writeBytes("{\"a\":".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 100_000; i++) {
      deep.write('[');
    }
    assertRefused("", deep.toByteArray());
  }

  @Test
  void saysWhatItLeavesOut() throws IOException {
    String json = json("{\"mesh\": 0}", "{}", "");
    String line =
        "\"meshes\": [{\"primitives\": [{\"mode\": 1, \"attributes\": {\"POSITION\": 0}}, {";
    read(binary(json.replace("\"meshes\": [{\"primitives\": [{", line)));
    assertEquals(Set.of("points or lines are left out"), notes);
  }

  /** The positions as colours: above 1 they are 1. */
  @Test
  void readsColoursOfVertices() throws IOException {
    String json = json("{\"mesh\": 0}", "{}", "");
    Mesh mesh = read(binary(json.replace("\"TEXCOORD_0\": 2", "\"COLOR_0\": 0")));
    float[] first = {0, 0, 0, 0, 1, 0, 1, 0, 0};
    float[] last = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    assertArrayEquals(first, Arrays.copyOf(mesh.colours, 9));
    assertArrayEquals(last, Arrays.copyOfRange(mesh.colours, 27, 36));
    assertTrue(notes.isEmpty(), notes.toString());
    assertRefused(
        "4 elements of 2 numbers do not fit as COLOR_0 of 4 points",
        binary(json.replace("\"TEXCOORD_0\"", "\"COLOR_0\"")));
  }

  private void refused(String json, String from, String to, String expected) {
    assertTrue(json.contains(from), from);
    assertRefused(expected, binary(json.replace(from, to)));
  }
}
