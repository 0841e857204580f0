package ai.fresnel.cvs.train.mesh;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/**
 * Small files that ask for much, and a program that reads each in turn and prints a line: its name,
 * milliseconds of the processor, and what came of it.
 */
final class HostileMeshes {

  /** A triangle of three points at byte 0 and three indices at byte 36. */
  private static final String TRIANGLE =
      """
       "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
       "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
         {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"}],
       "bufferViews": [{"buffer": 0, "byteLength": 36},
         {"buffer": 0, "byteOffset": 36, "byteLength": 6}],
       "buffers": [{"byteLength": 42, "uri": "data:;base64,BUFFER"}]}
      """
          .replace("BUFFER", Base64.getEncoder().encodeToString(triangle()));

  private static final String HEAD = "{\"asset\": {\"version\": \"2.0\"}, ";

  private final Path folder;
  private final Map<String, Path> cases = new TreeMap<>();

  private HostileMeshes(Path folder) {
    this.folder = folder;
  }

  /** Writes and reads all cases. */
  public static void main(String[] args) throws IOException {
    HostileMeshes hostile = new HostileMeshes(Path.of(args[0]));
    hostile.graphs();
    hostile.sizes();
    hostile.images();
    hostile.archives();
    hostile.texts();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (Map.Entry<String, Path> each : hostile.cases.entrySet()) {
      long start = threads.getCurrentThreadCpuTime();
      String outcome;
      try {
        LoadedMesh loaded = MeshFiles.list(each.getValue()).get(0).load();
        outcome = loaded.mesh().triangleCount() + " triangles " + loaded.notes();
      } catch (IOException e) {
        outcome = "refused: " + e.getMessage();
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        outcome = "FAULT " + e;
      }
      long millis = (threads.getCurrentThreadCpuTime() - start) / 1_000_000;
      System.out.println(each.getKey() + "\t" + millis + "\t" + outcome);
    }
  }

  private static byte[] triangle() {
    ByteBuffer data = ByteBuffer.allocate(42).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : new float[] {0, 0, 0, 1, 0, 0, 0, 1, 0}) {
      data.putFloat(value);
    }
    return data.putShort((short) 0).putShort((short) 1).putShort((short) 2).array();
  }

  private void add(String name, String ending, byte[] bytes) throws IOException {
    Path file = Files.createDirectories(folder.resolve(name)).resolve("a." + ending);
    Files.write(file, bytes);
    cases.put(name, file);
  }

  private void gltf(String name, String json) throws IOException {
    add(name, "gltf", json.getBytes(StandardCharsets.UTF_8));
  }

  private void graphs() throws IOException {
    String scene = HEAD + "\"scenes\": [{\"nodes\": [0]}], \"nodes\": [";
    StringBuilder twice = new StringBuilder();
    StringBuilder deep = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      twice.append(String.format("{\"children\": [%d, %d]}, ", i + 1, i + 1));
    }
    for (int i = 0; i < 10_000; i++) {
      deep.append("{\"children\": [").append(i + 1).append("]}, ");
    }
    gltf("childTwice", scene + twice + "{\"mesh\": 0}], " + TRIANGLE);
    gltf("deepNodes", scene + deep + "{\"mesh\": 0}], " + TRIANGLE);
    StringBuilder diamonds = new StringBuilder();
    for (int i = 0; i < 120; i += 3) {
      diamonds.append(String.format("{\"children\": [%d, %d]}, ", i + 1, i + 2));
      diamonds.append(String.format("{\"children\": [%1$d]}, {\"children\": [%1$d]}, ", i + 3));
    }
    gltf("diamonds", scene + diamonds + "{\"mesh\": 0}], " + TRIANGLE);
    gltf("circle", scene + "{\"children\": [1]}, {\"children\": [0], \"mesh\": 0}], " + TRIANGLE);
    String million = "0,".repeat(999_999) + "0";
    gltf(
        "sceneRepeats",
        HEAD
            + "\"scenes\": [{\"nodes\": ["
            + million
            + "]}], \"nodes\":"
            + " [{\"mesh\": 0}], "
            + TRIANGLE);
    String instances = "{\"mesh\":0},".repeat(80_000) + "{\"mesh\":0}";
    String many = HEAD + "\"nodes\": [" + instances + "], ";
    gltf(
        "instances",
        many + TRIANGLE.replace("{\"attributes\"", primitives(20) + "{\"attributes\""));
    gltf(
        "emptyInstances",
        (many + TRIANGLE.replace("{\"attributes\"", primitives(2000) + "{\"attributes\""))
            .replace("\"count\": 3, \"type\": \"SCALAR\"", "\"count\": 0, \"type\": \"SCALAR\""));
    gltf("deepJson", HEAD + "\"extras\": " + "[".repeat(100_000));
    gltf(
        "deepJsonClosed",
        HEAD
            + "\"extras\": "
            + "[".repeat(7_000)
            + "]".repeat(7_000)
            + ", \"nodes\": [], "
            + TRIANGLE);
    gltf("manyValues", HEAD + "\"extras\": [" + "0,".repeat(500_000) + "0], " + TRIANGLE);
  }

  private static String primitives(int count) {
    return "{\"attributes\": {\"POSITION\": 0}, \"indices\": 1},".repeat(count);
  }

  private void sizes() throws IOException {
    String drawn = HEAD + "\"nodes\": [{\"mesh\": 0}], " + TRIANGLE;
    gltf("hugeAccessor", drawn.replace("\"count\": 3", "\"count\": 1000000000"));
    gltf(
        "hugeZeros",
        drawn.replace("\"bufferView\": 0, ", "").replace("\"count\": 3", "\"count\": 1000000000"));
    gltf(
        "hugeSparse",
        drawn
            .replace("\"bufferView\": 0, ", "\"sparse\": {\"count\": 1}, ")
            .replace("\"count\": 3", "\"count\": 1000000000"));
    gltf(
        "sharedZeros",
        (HEAD + "\"nodes\": [" + "{\"mesh\":0},".repeat(20_000) + "{\"mesh\":0}], " + TRIANGLE)
            .replace("\"bufferView\": 0, ", "")
            .replace("5126, \"count\": 3", "5126, \"count\": 1000000"));
    for (boolean edgebreaker : new boolean[] {true, false}) {
      draco(edgebreaker ? "dracoPoints" : "dracoFaces", edgebreaker, 1L << 31);
      draco(edgebreaker ? "dracoMillions" : "dracoMillionFaces", edgebreaker, 2_900_000);
      draco(edgebreaker ? "dracoFew" : "dracoFewFaces", edgebreaker, 20_000);
    }
  }

  private void draco(String name, boolean edgebreaker, long claimed) throws IOException {
    byte[] bytes = new byte[120];
    ByteBuffer own = ByteBuffer.wrap(bytes).put("DRACO".getBytes(StandardCharsets.US_ASCII));
    own.put(new byte[] {2, 2, 1, (byte) (edgebreaker ? 1 : 0), 0, 0});
    if (edgebreaker) {
      own.put((byte) 0);
    }
    for (int k = 0; k < 2; k++) {
      for (long rest = claimed; ; rest >>>= 7) {
        own.put((byte) (rest < 128 ? rest : (rest & 0x7F) | 0x80));
        if (rest < 128) {
          break;
        }
      }
    }
    gltf(
        name,
        HEAD
            + "\"nodes\": [{\"mesh\": 0}], \"meshes\": [{\"primitives\": [{\"attributes\":"
            + " {\"POSITION\": 0}, \"extensions\": {\"KHR_draco_mesh_compression\": {\"bufferView\": 0,"
            + " \"attributes\": {\"POSITION\": 0}}}}]}], \"accessors\": [{\"componentType\": 5126,"
            + " \"count\": 3, \"type\": \"VEC3\"}], \"bufferViews\": [{\"buffer\": 0, \"byteLength\": 120}],"
            + " \"buffers\": [{\"byteLength\": 120, \"uri\": \"data:;base64,"
            + Base64.getEncoder().encodeToString(bytes)
            + "\"}]}");
  }

  private void images() throws IOException {
    textures("largeTextures", 1000, i -> "large.png");
    Path large = folder.resolve("largeTextures/large.png");
    ImageIO.write(
        new BufferedImage(16_384, 16_384, BufferedImage.TYPE_BYTE_BINARY), "png", large.toFile());
    textures("manyTextures", 30, i -> i + ".png");
    for (int i = 0; i < 30; i++) {
      Path image = folder.resolve("manyTextures/" + i + ".png");
      ImageIO.write(
          new BufferedImage(1024, 1024, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    }
    textures(
        "outside",
        4,
        i ->
            new String[] {
                  "file:///etc/passwd", "../../x.png", "http://127.0.0.1:1/x.png", "/etc/passwd"
                }
                [i]);
  }

  private interface Name {
    String of(int index);
  }

  /** A mesh of as many primitives as materials, textures and images. */
  private void textures(String name, int count, Name file) throws IOException {
    StringBuilder primitives = new StringBuilder();
    StringBuilder materials = new StringBuilder();
    StringBuilder textures = new StringBuilder();
    StringBuilder images = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String comma = i == 0 ? "" : ", ";
      primitives
          .append(comma)
          .append("{\"attributes\": {\"POSITION\": 0}, \"indices\": 1, \"material\": " + i + "}");
      materials
          .append(comma)
          .append("{\"pbrMetallicRoughness\": {\"baseColorTexture\": {\"index\": " + i + "}}}");
      textures.append(comma).append("{\"source\": " + i + "}");
      images.append(comma).append("{\"uri\": \"" + file.of(i) + "\"}");
    }
    gltf(
        name,
        HEAD
            + "\"nodes\": [{\"mesh\": 0}], \"materials\": ["
            + materials
            + "], \"textures\": ["
            + textures
            + "], \"images\": ["
            + images
            + "], "
            + TRIANGLE.replace("{\"attributes\": {\"POSITION\": 0}, \"indices\": 1}", primitives));
  }

  private void archives() throws IOException {
    StringBuilder buffers = new StringBuilder();
    StringBuilder views = new StringBuilder();
    StringBuilder accessors = new StringBuilder();
    StringBuilder primitives = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      String comma = i == 0 ? "" : ", ";
      buffers.append(
          comma + "{\"byteLength\": 36, \"uri\": \"" + (i % 2 == 0 ? "same" : i) + ".bin\"}");
      views.append(comma + "{\"buffer\": " + i + ", \"byteLength\": 36}");
      accessors.append(
          comma
              + "{\"bufferView\": "
              + i
              + ", \"componentType\": 5126, \"count\": 3, \"type\": \"VEC3\"}");
      primitives.append(comma + "{\"attributes\": {\"POSITION\": " + i + "}}");
    }
    String json =
        HEAD
            + "\"nodes\": [{\"mesh\": 0}], \"meshes\": [{\"primitives\": ["
            + primitives
            + "]}],"
            + " \"accessors\": ["
            + accessors
            + "], \"bufferViews\": ["
            + views
            + "], \"buffers\": ["
            + buffers
            + "]}";
    try (Zip zip = zip("zippedBuffers")) {
      zip.entry("a.gltf", json);
      zip.zeros("same.bin", 16 << 20);
      for (int i = 1; i < 400; i += 2) {
        zip.zeros(i + ".bin", 1 << 20);
      }
    }
    try (Zip zip = zip("zippedGigabyte")) {
      zip.zeros("a.obj", 1 << 30);
    }
    try (Zip zip = zip("manyLibraries")) {
      zip.entry(
          "a.obj",
          "mtllib a.mtl\n".repeat(2000)
              + "mtllib A.MTL\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl m\nf 1 2 3\n");
      zip.entry("a.mtl", "newmtl m\nKd 1 0 0\n" + "# comment\n".repeat(1_500_000));
    }
    try (Zip zip = zip("zippedPaths")) {
      zip.entry("../../evil.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
      zip.entry("/abs/a.obj", "mtllib ../../../etc/passwd\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
    }
  }

  private Zip zip(String name) throws IOException {
    Path file = folder.resolve(name + ".zip");
    cases.put(name, file);
    return new Zip(new ZipOutputStream(Files.newOutputStream(file)));
  }

  private record Zip(ZipOutputStream out) implements AutoCloseable {
    void entry(String name, String text) throws IOException {
      out.putNextEntry(new ZipEntry(name));
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    void zeros(String name, int count) throws IOException {
      out.putNextEntry(new ZipEntry(name));
      OutputStream to = out;
      for (int i = 0; i < count; i += 1 << 16) {
        to.write(new byte[1 << 16]);
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  private void texts() throws IOException {
    // A spiral, whose ears are rare; with as many polygons as fit into a megabyte.
    ByteArrayOutputStream spiral = new ByteArrayOutputStream();
    StringBuilder face = new StringBuilder("f");
    for (int i = 0; i < 256; i++) {
      double angle = (i < 128 ? i : 255 - i) * 0.35;
      double radius = angle + (i < 128 ? 1 : 1.5);
      String line =
          String.format(
              Locale.ROOT, "v %.4f %.4f 0%n", radius * Math.cos(angle), radius * Math.sin(angle));
      spiral.writeBytes(line.getBytes(StandardCharsets.UTF_8));
      face.append(' ').append(i + 1);
    }
    spiral.writeBytes((face + "\n").repeat(1000).getBytes(StandardCharsets.UTF_8));
    add("spirals", "obj", spiral.toByteArray());
    String corner = "v 0 0 0\nv 1 0 0\nv 0 1 0\n";
    add(
        "fewVertices",
        "obj",
        (corner + "f 1 2 3\n".repeat(125_000)).getBytes(StandardCharsets.UTF_8));
    StringBuilder materials = new StringBuilder(corner);
    for (int i = 0; i < 50_000; i++) {
      materials.append("usemtl m").append(i).append("\nf 1 2 3\n");
    }
    add("manyMaterials", "obj", materials.toString().getBytes(StandardCharsets.UTF_8));
    add("longLine", "obj", ("f " + "1 ".repeat(500_000)).getBytes(StandardCharsets.UTF_8));
    add(
        "longFace",
        "obj",
        (corner + "f " + "1 2 3 ".repeat(160_000)).getBytes(StandardCharsets.UTF_8));
  }
}
