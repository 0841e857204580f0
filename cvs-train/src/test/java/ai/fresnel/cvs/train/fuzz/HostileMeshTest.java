package ai.fresnel.cvs.train.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Meshes that are small and want much. */
@Tag("fuzz")
class HostileMeshTest {

  /** Four points, then four triangles of two-byte indices. */
  private static final byte[] DATA =
      ByteBuffer.allocate(72)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putFloat(12, 1)
          .putFloat(28, 2)
          .putFloat(44, 4)
          .putShort(48, (short) 0)
          .putShort(50, (short) 2)
          .putShort(52, (short) 1)
          .putShort(54, (short) 0)
          .putShort(56, (short) 1)
          .putShort(58, (short) 3)
          .putShort(60, (short) 0)
          .putShort(62, (short) 3)
          .putShort(64, (short) 2)
          .putShort(66, (short) 1)
          .putShort(68, (short) 2)
          .putShort(70, (short) 3)
          .array();

  @TempDir Path folder;

  private String read(String file, byte[] content) throws Exception {
    Files.write(folder.resolve(file), content);
    return Hostile.read(folder, MeshParsers::read, file);
  }

  private String read(String file, String content) throws Exception {
    return read(file, content.getBytes(StandardCharsets.UTF_8));
  }

  private static String gltf(String nodes, String count, String material) {
    return """
        {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [NODES],
         "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1MATERIAL}]}],
         "accessors": [
           {"bufferView": 0, "componentType": 5126, "count": COUNT, "type": "VEC3"},
           {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"}],
         "bufferViews": [{"buffer": 0, "byteLength": 48},
           {"buffer": 0, "byteOffset": 48, "byteLength": 24}],
         "buffers": [{"byteLength": 72, "uri": "data:application/octet-stream;base64,DATA"}]}
        """
        .replace("NODES", nodes)
        .replace("COUNT", count)
        .replace("MATERIAL", material)
        .replace("DATA", Base64.getEncoder().encodeToString(DATA));
  }

  private static String nodes(int count, String children) {
    StringBuilder nodes = new StringBuilder();
    for (int i = 0; i < count - 1; i++) {
      nodes.append("{\"children\": [" + children.replace("N", Integer.toString(i + 1)) + "]},");
    }
    return nodes + "{\"mesh\": 0}";
  }

  @Test
  void nodesThatDoubleManyTimes() throws Exception {
    assertTrue(read("a.gltf", gltf(nodes(40, "N, N"), "4", "")).contains("a.gltf"));
    assertTrue(read("a.gltf", gltf(nodes(100, "N, N"), "4", "")).contains("a.gltf"));
  }

  @Test
  void nodesInACircle() throws Exception {
    String circle = nodes(3, "N").replace("{\"mesh\": 0}", "{\"mesh\": 0, \"children\": [0]}");
    assertTrue(read("a.gltf", gltf(circle, "4", "")).contains("a.gltf"));
    assertTrue(
        read("a.gltf", gltf("{\"mesh\": 0, \"children\": [0]}", "4", "")).contains("a.gltf"));
  }

  @Test
  void nodesTenThousandDeep() throws Exception {
    read("a.gltf", gltf(nodes(10_000, "N"), "4", ""));
    read("a.gltf", gltf(nodes(1000, "N"), "4", ""));
  }

  @Test
  void oneMeshAMillionTimes() throws Exception {
    String instances =
        "{\"children\": ["
            + String.join(", ", Collections.nCopies(1, "1"))
            + "]}"
            + ", {\"mesh\": 0}".repeat(30_000);
    StringBuilder children = new StringBuilder("1");
    for (int i = 2; i <= 30_000; i++) {
      children.append(", ").append(i);
    }
    read("a.gltf", gltf(instances.replaceFirst("\\[1\\]", "[" + children + "]"), "4", ""));
    // A primitive of three million indices in a buffer of zeros that gzip would make of nothing.
    String many = gltf("{\"mesh\": 0}", "4", "").replace("\"count\": 12", "\"count\": 3000000");
    assertTrue(read("a.gltf", many).contains("a.gltf"));
    String primitive = "{\"attributes\": {\"POSITION\": 0}, \"indices\": 1}";
    String primitives =
        gltf(instances.replaceFirst("\\[1\\]", "[" + children + "]"), "4", "")
            .replace(primitive, (primitive + ", ").repeat(200) + primitive);
    assertTrue(read("a.gltf", primitives).contains("a.gltf"));
  }

  @Test
  void accessorsOfAThousandMillion() throws Exception {
    for (String count : new String[] {"1000000000", "2147483647", "-1", "178956971"}) {
      assertTrue(read("a.gltf", gltf("{\"mesh\": 0}", count, "")).contains("a.gltf"), count);
    }
    String sparse =
        gltf("{\"mesh\": 0}", "4", "")
            .replace(
                "\"type\": \"VEC3\"",
                "\"type\": \"VEC3\", \"sparse\": {\"count\": 1000000000, \"indices\":"
                    + " {\"bufferView\": 1, \"componentType\": 5123}, \"values\":"
                    + " {\"bufferView\": 0}}");
    assertTrue(read("a.gltf", sparse).contains("a.gltf"));
    String unbacked =
        gltf("{\"mesh\": 0}", "1000000000", "")
            .replace("{\"bufferView\": 0, \"componentType\"", "{\"componentType\"");
    assertTrue(read("a.gltf", unbacked).contains("a.gltf"));
  }

  @Test
  void dracoOfTwoThousandMillionPoints() throws Exception {
    Parser draco = Parsers.named("draco");
    for (Seed seed : draco.seeds()) {
      byte[] sound = seed.content();
      // The counts follow the header of eleven bytes, in groups of seven bits.
      for (int at = 11; at < 40; at++) {
        for (int length = 1; length <= 5; length++) {
          byte[] huge = new byte[sound.length + length];
          System.arraycopy(sound, 0, huge, 0, at);
          for (int i = 0; i < length; i++) {
            huge[at + i] = (byte) (i < length - 1 ? 0xff : 0x07);
          }
          System.arraycopy(sound, at, huge, at + length, sound.length - at);
          Hostile.read(draco, seed, huge, folder.resolve("d"));
        }
      }
    }
  }

  @Test
  void thousandTexturesByReference() throws Exception {
    // 16384×16384 pixels of one bit: 33 kB in the file.
    Files.write(folder.resolve("big.png"), HostileImageTest.blank(16_384, 16_384, 1, 0));
    StringBuilder mtl = new StringBuilder();
    StringBuilder obj = new StringBuilder("mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\n");
    for (int i = 0; i < 1000; i++) {
      // Each by another spelling, so that a cache by name would not see it.
      mtl.append("newmtl m" + i + "\nmap_Kd " + "./".repeat(i % 50) + "big.png\n");
      obj.append("usemtl m" + i + "\nf 1/1 2/1 3/1\n");
    }
    Files.writeString(folder.resolve("a.mtl"), mtl);
    read("a.obj", obj.toString());
  }

  @Test
  void manyTexturesOfDifferentFiles() throws Exception {
    byte[] png = HostileImageTest.blank(4096, 4096, 1, 0);
    StringBuilder mtl = new StringBuilder();
    StringBuilder obj = new StringBuilder("mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\n");
    for (int i = 0; i < 100; i++) {
      Files.write(folder.resolve(i + ".png"), png);
      mtl.append("newmtl m" + i + "\nmap_Kd " + i + ".png\n");
      obj.append("usemtl m" + i + "\nf 1/1 2/1 3/1\n");
    }
    Files.writeString(folder.resolve("a.mtl"), mtl);
    read("a.obj", obj.toString());
  }

  @Test
  void twoThousandLibrariesThatAreOne() throws Exception {
    Files.writeString(folder.resolve("a.mtl"), "newmtl m\nKd 1 0 0\n".repeat(50_000));
    StringBuilder obj = new StringBuilder("v 0 0 0\nv 1 0 0\nv 0 1 0\n");
    for (int i = 0; i < 2000; i++) {
      obj.append("mtllib " + "./".repeat(i % 20) + "a.mtl\n");
    }
    read("a.obj", obj + "usemtl m\nf 1 2 3\n");
  }

  @Test
  void polygonsOfMany() throws Exception {
    String corners = " 1 2 3".repeat(60_000);
    read("a.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf" + corners + "\n");
    StringBuilder circle = new StringBuilder();
    StringBuilder face = new StringBuilder("f");
    for (int i = 1; i <= 20_000; i++) {
      circle.append("v " + Math.cos(i * 0.3) + " " + Math.sin(i * 0.7) + " " + i % 3 + "\n");
      face.append(" ").append(i);
    }
    read("a.obj", circle.toString() + face + "\n");
    read("a.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\n" + "f 1 2 3\n".repeat(120_000));
    read("a.obj", "o \\\n".repeat(200_000));
    read("a.obj", "usemtl a\n".repeat(100_000) + "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
  }

  @Test
  void archivesThatUnpackToMuch() throws Exception {
    byte[] zeros = new byte[40 << 20];
    byte[] zip = Packing.zip(Map.of("a.obj", zeros, "b.mtl", new byte[0]), false);
    assertTrue(read("a.zip", zip).contains("a.zip"));
    java.util.Arrays.fill(zeros, (byte) ' ');
    assertTrue(read("a.zip", Packing.zip(Map.of("a.obj", zeros), false)).contains("a.zip"));
    assertTrue(read("a.zip", Packing.zip(Map.of("a.gltf", zeros), false)).contains("a.zip"));
    Packing.image("png", BufferedImage.TYPE_INT_RGB, 4, 4);
  }
}
