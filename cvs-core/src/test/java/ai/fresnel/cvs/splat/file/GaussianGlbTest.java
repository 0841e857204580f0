package ai.fresnel.cvs.splat.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the file by hand, as the specification says. */
class GaussianGlbTest {

  @TempDir Path folder;

  private ByteBuffer file;
  private JsonValue json;
  private int data;

  private void write(GaussianCloud cloud) throws IOException {
    Path path = folder.resolve("a.glb");
    SplatFiles.write(path, cloud);
    file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0x46546C67, file.getInt(0));
    assertEquals(2, file.getInt(4));
    assertEquals(file.capacity(), file.getInt(8));
    int length = file.getInt(12);
    assertEquals(0, length % 4);
    assertEquals("JSON", text(16, 4));
    json = Json.parse(text(20, length), "glb");
    assertEquals("BIN\0", text(20 + length + 4, 4));
    data = 20 + length + 8;
    assertEquals(file.capacity() - data, file.getInt(data - 8));
    assertEquals(
        file.capacity() - data, json.get("buffers").items().get(0).get("byteLength").integer());
  }

  private String text(int at, int length) {
    return new String(file.array(), at, length, StandardCharsets.UTF_8);
  }

  private JsonValue primitive() {
    return json.get("meshes").items().get(0).get("primitives").items().get(0);
  }

  /** Returns an attribute's floats. */
  private float[] floats(String name, String type, int components, int count) {
    JsonValue accessor = accessor(name, type, count);
    assertEquals(5126, accessor.get("componentType").integer());
    float[] values = new float[components * count];
    file.duplicate()
        .order(ByteOrder.LITTLE_ENDIAN)
        .position(start(accessor, 4 * values.length))
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  private JsonValue accessor(String name, String type, int count) {
    int index = primitive().get("attributes").get(name).integer();
    JsonValue accessor = json.get("accessors").items().get(index);
    assertEquals(type, accessor.get("type").string());
    assertEquals(count, accessor.get("count").integer());
    return accessor;
  }

  private int start(JsonValue accessor, int bytes) {
    JsonValue view = json.get("bufferViews").items().get(accessor.get("bufferView").integer());
    assertEquals(bytes, view.get("byteLength").integer());
    int offset = view.get("byteOffset").integer();
    assertEquals(0, offset % 4);
    return data + offset;
  }

  @Test
  void followsTheExtension() throws IOException {
    GaussianCloud cloud = Clouds.random(7, 2, 4);
    write(cloud);
    GaussianArrays expected = SplatAxes.Y_UP.fromWorld(cloud).arrays();
    assertEquals("2.0", json.get("asset").get("version").string());
    assertEquals("KHR_gaussian_splatting", json.get("extensionsUsed").items().get(0).string());
    assertEquals(0, primitive().get("mode").integer());
    JsonValue extension = primitive().get("extensions").get("KHR_gaussian_splatting");
    assertEquals("ellipse", extension.get("kernel").string());
    assertEquals("srgb_rec709_display", extension.get("colorSpace").string());
    String prefix = "KHR_gaussian_splatting:";
    float[] positions = floats("POSITION", "VEC3", 3, 7);
    float[] rotations = floats(prefix + "ROTATION", "VEC4", 4, 7);
    float[] scales = floats(prefix + "SCALE", "VEC3", 3, 7);
    float[] opacities = floats(prefix + "OPACITY", "SCALAR", 1, 7);
    JsonValue bounds = accessor("POSITION", "VEC3", 7);
    for (int i = 0; i < 21; i++) {
      assertEquals(expected.means()[i], positions[i]);
      assertEquals(Math.exp(expected.logScales()[i]), scales[i], 1e-6);
      double least = bounds.get("min").items().get(i % 3).number();
      double most = bounds.get("max").items().get(i % 3).number();
      assertEquals(true, least <= positions[i] && positions[i] <= most);
    }
    for (int i = 0; i < 7; i++) {
      double[] q = Quaternions.unit(expected.rotations(), 4 * i);
      for (int c = 0; c < 4; c++) {
        assertEquals(q[(c + 1) % 4], rotations[4 * i + c], 1e-6);
      }
      assertEquals(1 / (1 + Math.exp(-expected.opacityLogits()[i])), opacities[i], 1e-6);
    }
    for (int degree = 0; degree <= 2; degree++) {
      for (int n = 0; n < 2 * degree + 1; n++) {
        float[] values = floats(prefix + "SH_DEGREE_" + degree + "_COEF_" + n, "VEC3", 3, 7);
        for (int i = 0; i < 21; i++) {
          int k = degree * degree + n;
          assertEquals(expected.sh()[27 * (i / 3) + 3 * k + i % 3], values[i]);
        }
      }
    }
    assertEquals(true, primitive().get("attributes").find(prefix + "SH_DEGREE_3_COEF_0").isEmpty());
  }

  @Test
  void pointsHaveColoursInLinearLight() throws IOException {
    GaussianArrays arrays = Clouds.random(1, 0, 1).arrays();
    double c0 = 0.28209479177387814;
    // 0.5, 1.5 and 0.02 of sRGB.
    System.arraycopy(new float[] {0, (float) (1 / c0), (float) (-0.48 / c0)}, 0, arrays.sh(), 0, 3);
    arrays.opacityLogits()[0] = 0;
    write(GaussianCloud.of(arrays));
    JsonValue colour = accessor("COLOR_0", "VEC4", 1);
    assertEquals(5123, colour.get("componentType").integer());
    assertEquals(true, colour.get("normalized").bool());
    int start = start(colour, 8);
    assertEquals(0.21404114, (file.getShort(start) & 0xFFFF) / 65535.0, 1e-5);
    assertEquals(1, (file.getShort(start + 2) & 0xFFFF) / 65535.0);
    assertEquals(0.02 / 12.92, (file.getShort(start + 4) & 0xFFFF) / 65535.0, 1e-5);
    assertEquals(0.5, (file.getShort(start + 6) & 0xFFFF) / 65535.0, 1e-5);
  }
}
