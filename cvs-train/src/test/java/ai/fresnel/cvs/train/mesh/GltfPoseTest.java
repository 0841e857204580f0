package ai.fresnel.cvs.train.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Poses, wrap modes and odd URIs of glTF files, on a tetrahedron 1×2×4 large. */
class GltfPoseTest {
  private static final float[] POINTS = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4};
  private static final float[] UVS = {0, 0, 1, 0, 0, 1, 1, 1};
  private static final int[] FACES = {0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3};

  @TempDir Path folder;

  /**
   * Byte 0 positions, 48 texture coordinates, 80 indices, 128 joints, 144 weights, 208 two inverse
   * bind matrices, 336 the index and 340 the value of a sparse accessor; 352 in all.
   */
  private static byte[] data() {
    ByteBuffer data = ByteBuffer.allocate(352).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : POINTS) {
      data.putFloat(value);
    }
    for (float value : UVS) {
      data.putFloat(value);
    }
    for (int value : FACES) {
      data.putInt(value);
    }
    for (int point = 0; point < 4; point++) {
      data.put(new byte[] {(byte) (point == 3 ? 1 : 0), 0, 0, 0});
    }
    for (int point = 0; point < 4; point++) {
      // Weights that do not add up to 1 are common.
      data.putFloat(0.5f).putFloat(0).putFloat(0).putFloat(0);
    }
    for (int joint = 0; joint < 2; joint++) {
      for (int i = 0; i < 16; i++) {
        data.putFloat(i % 5 == 0 ? 1 : i == 14 && joint == 1 ? -1 : 0);
      }
    }
    data.putInt(3).putFloat(0).putFloat(0).putFloat(4);
    return data.array();
  }

  private static String uri() {
    return "data:;base64," + Base64.getEncoder().encodeToString(data());
  }

  private LoadedMesh load(String node, String extra) throws IOException {
    return load(node, extra, uri());
  }

  private LoadedMesh load(String node, String extra, String uri) throws IOException {
    String json =
        """
        {"asset": {"version": "2.0"}, "scenes": [{"nodes": [0, 2]}],
         "nodes": [{"mesh": 0NODE}, {"translation": [0, 0, 4]}, {"children": [1]}],
         "meshes": [{"weights": [0.5], "primitives": [{"attributes": {"POSITION": 0,
           "TEXCOORD_0": 1, "JOINTS_0": 3, "WEIGHTS_0": 4}, "indices": 2, "material": 0,
           "targets": [{"POSITION": 6}]}]}],
         "skins": [{"joints": [2, 1], "inverseBindMatrices": 5}],
         "accessors": [
           {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
           {"bufferView": 0, "byteOffset": 48, "componentType": 5126, "count": 4, "type": "VEC2"},
           {"bufferView": 0, "byteOffset": 80, "componentType": 5125, "count": 12,
            "type": "SCALAR"},
           {"bufferView": 0, "byteOffset": 128, "componentType": 5121, "count": 4, "type": "VEC4"},
           {"bufferView": 0, "byteOffset": 144, "componentType": 5126, "count": 4, "type": "VEC4"},
           {"bufferView": 0, "byteOffset": 208, "componentType": 5126, "count": 2, "type": "MAT4"},
           {"componentType": 5126, "count": 4, "type": "VEC3", "sparse": {"count": 1,
             "indices": {"bufferView": 0, "byteOffset": 336, "componentType": 5125},
             "values": {"bufferView": 0, "byteOffset": 340}}}],
         "bufferViews": [{"buffer": 0, "byteLength": 352}],
         "buffers": [{"byteLength": 352, "uri": "URI"}]EXTRA}
        """
            .replace("NODE", node)
            .replace("EXTRA", extra.contains("materials") ? extra : ", \"materials\": [{}]" + extra)
            .replace("URI", uri);
    Files.writeString(folder.resolve("a.gltf"), json);
    return MeshFiles.list(folder.resolve("a.gltf")).get(0).load();
  }

  private static void assertExtent(double x, double y, double z, LoadedMesh loaded) {
    float most = (float) Math.max(x, Math.max(y, z));
    // z up: the file's y and z change places.
    float[] expected = {(float) x / most, (float) z / most, (float) y / most};
    assertArrayEquals(expected, loaded.mesh().extent(), 1e-6f);
    assertEquals(List.of(), loaded.notes());
  }

  @Test
  void morphTargetsHaveTheirDefaultWeights() throws IOException {
    assertExtent(1, 2, 6, load("", ""));
    assertExtent(1, 2, 8, load(", \"weights\": [1]", ""));
    assertExtent(1, 2, 4, load(", \"weights\": [0]", ""));
  }

  /** The second joint is 4 away in the file and 1 away when it was bound. */
  @Test
  void jointsAloneMoveASkin() throws IOException {
    assertExtent(1, 2, 7, load(", \"skin\": 0, \"weights\": [0]", ""));
    assertExtent(1, 2, 7, load(", \"skin\": 0, \"weights\": [0], \"scale\": [9, 1, 1]", ""));
    assertExtent(9, 2, 4, load(", \"weights\": [0], \"scale\": [9, 1, 1]", ""));
  }

  private static byte[] png() throws IOException {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0xFFFFFF);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static String textured(String image, String sampler) {
    return """
        , "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
         "textures": [{"source": 0, "sampler": 0}], "samplers": [SAMPLER],
         "images": [{"uri": "IMAGE"}]
        """
        .replace("SAMPLER", sampler)
        .replace("IMAGE", image);
  }

  /** Light at texels of a row of an image whose first texel is white. */
  @ParameterizedTest
  @CsvSource({
    "10497, 1000 1000 1000",
    "33071, 1111 1000 0000",
    "33648, 0001 1000 0001",
  })
  void wrapModesContinueTheImage(int mode, String expected) throws IOException {
    Files.write(folder.resolve("t.png"), png());
    String sampler = "{\"wrapS\": " + mode + ", \"wrapT\": " + mode + "}";
    LoadedMesh loaded = load(", \"weights\": [0]", textured("t.png", sampler));
    Texture texture = loaded.mesh().materials().get(0).texture();
    StringBuilder across = new StringBuilder();
    StringBuilder down = new StringBuilder();
    float[] out = new float[4];
    for (int cell = -1; cell <= 1; cell++) {
      for (int i = 0; i < 4; i++) {
        float at = cell + (i + 0.5f) / 4;
        texture.sample(at, 1 - 0.125f, 0, out);
        across.append(Math.round(out[0]));
        texture.sample(0.125f, 1 - at, 0, out);
        down.append(Math.round(out[0]));
      }
      across.append(cell < 1 ? " " : "");
      down.append(cell < 1 ? " " : "");
    }
    assertEquals(expected, across.toString());
    assertEquals(expected, down.toString());
  }

  @Test
  void appearancesThatAreLeftOutAreNoted() throws IOException {
    String instancing = ", \"extensions\": {\"EXT_mesh_gpu_instancing\": {\"attributes\": {}}}";
    String emissive =
        ", \"materials\": [{\"emissiveFactor\": [0, 1, 0]}], \"animations\": [{\"channels\": []}]";
    assertEquals(
        List.of(
            "animations are left out",
            "repeated meshes (EXT_mesh_gpu_instancing) are drawn once",
            "emissive light of materials is left out"),
        load(instancing, emissive).notes());
  }

  @Test
  void dataUrisMayBeWrittenInMoreThanOneWay() throws IOException {
    String base64 = Base64.getEncoder().encodeToString(data());
    String broken = base64.replaceAll("(.{60})", "$1 ").replaceFirst(" ", "\\\\r\\\\n");
    String bytes = new String(data(), StandardCharsets.ISO_8859_1);
    String percent = URLEncoder.encode(bytes, StandardCharsets.ISO_8859_1).replace("+", "%20");
    for (String uri :
        List.of(
            "DATA:application/octet-stream;BASE64," + base64,
            "data:;base64," + broken,
            "data:application/octet-stream," + percent)) {
      assertExtent(1, 2, 6, load("", "", uri));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data:image/png;base64,?!", "data:image/png", "data:;base64,AAAA"})
  void aBadImageCostsOnlyItself(String uri) throws IOException {
    LoadedMesh loaded = load("", textured(uri, "{}"));
    assertNull(loaded.mesh().materials().get(0).texture());
    assertEquals(1, loaded.notes().size());
    assertEquals("image 0 is unusable: ", loaded.notes().get(0).substring(0, 21));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"pbrMetallicRoughness\": [1]}",
        "{\"pbrMetallicRoughness\": {\"baseColorTexture\": {\"index\": 5}}}",
        "{\"alphaMode\": 1}",
      })
  void aBadMaterialCostsOnlyItself(String material) throws IOException {
    LoadedMesh loaded = load("", ", \"materials\": [" + material + "]");
    assertEquals(1, loaded.mesh().materials().get(0).red());
    assertEquals(1, loaded.notes().size());
    String expected = "material 0 is damaged, white instead: ";
    assertEquals(expected, loaded.notes().get(0).substring(0, expected.length()));
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheJson() throws IOException {
    load("", "");
    Path file = folder.resolve("a.gltf");
    Files.writeString(file, "\ufeff" + Files.readString(file));
    assertEquals(4, MeshFiles.list(file).get(0).load().mesh().triangleCount());
  }

  @Test
  void percentSignsNeedNotBeEncoded() throws IOException {
    Files.write(folder.resolve("100% oak.png"), png());
    for (String uri : List.of("100% oak.png", "100%25%20oak.png")) {
      LoadedMesh loaded = load("", textured(uri, "{}"));
      assertNotNull(loaded.mesh().materials().get(0).texture());
      assertEquals(List.of(), loaded.notes());
    }
  }
}
