package ai.fresnel.cvs.gltf;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.json.Json;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A binary glTF 2.0 file of one mesh in the making. Add the numbers, put the accessors that they
 * get into a primitive, then ask for the {@link #content}.
 *
 * <p>glTF has y up: use {@link #yUp} for vectors of a world with z up.
 */
public final class GlbBuilder {
  private static final int MAGIC = 0x46546C67;
  private static final int JSON_CHUNK = 0x4E4F534A;
  private static final int BINARY_CHUNK = 0x004E4942;

  private static final int UNSIGNED_SHORT = 5123;
  private static final int UNSIGNED_INT = 5125;
  private static final int FLOAT = 5126;
  private static final int ARRAY_BUFFER = 34962;
  private static final int ELEMENT_ARRAY_BUFFER = 34963;

  private final List<ByteBuffer> buffers = new ArrayList<>();
  private final JsonArray views = new JsonArray();
  private final JsonArray accessors = new JsonArray();
  private long length;

  /** Starts a file without numbers. */
  public GlbBuilder() {}

  /** Types of elements, by their number of components. */
  private static String type(int components) {
    return switch (components) {
      case 1 -> "SCALAR";
      case 2 -> "VEC2";
      case 3 -> "VEC3";
      case 4 -> "VEC4";
      default ->
          throw new IllegalArgumentException(components + " components, expected 1, 2, 3 or 4");
    };
  }

  /**
   * Adds attributes of vertices as float32.
   *
   * @param components of an element, 1 to 4
   * @param values (N, components), finite, N at least 1
   * @return the number of the accessor
   * @throws IllegalArgumentException if the values are not N elements
   */
  public int floats(int components, float... values) {
    ByteBuffer bytes = allocate(4L * values.length);
    bytes.asFloatBuffer().put(values);
    JsonObject accessor = accessor(bytes, ARRAY_BUFFER, FLOAT, components, values.length);
    return add(accessor);
  }

  /**
   * Adds positions of vertices, with the box around them that glTF asks for.
   *
   * @param values (N,3), finite, N at least 1
   * @return the number of the accessor
   * @throws IllegalArgumentException if the values are not N elements
   */
  public int positions(float... values) {
    int index = floats(3, values);
    JsonArray least = new JsonArray();
    JsonArray most = new JsonArray();
    for (int c = 0; c < 3; c++) {
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      for (int i = c; i < values.length; i += 3) {
        low = Math.min(low, values[i]);
        high = Math.max(high, values[i]);
      }
      // As doubles, whose decimals are exact.
      least.add((double) low);
      most.add((double) high);
    }
    JsonObject accessor = accessors.get(index).getAsJsonObject();
    accessor.add("min", least);
    accessor.add("max", most);
    return index;
  }

  /**
   * Adds attributes of vertices as 16-bit fractions.
   *
   * @param components of an element: 2 or 4, for elements begin at multiples of 4 bytes
   * @param values (N, components), brought into 0 to 1, N at least 1
   * @return the number of the accessor
   * @throws IllegalArgumentException if the values are not N elements
   */
  public int fractions(int components, float... values) {
    if (components % 2 != 0) {
      throw new IllegalArgumentException(components + " components, expected 2 or 4");
    }
    ByteBuffer bytes = allocate(2L * values.length);
    for (float value : values) {
      bytes.putShort((short) Math.rint(65535.0 * Math.max(0, Math.min(1, value))));
    }
    JsonObject accessor =
        accessor(bytes.rewind(), ARRAY_BUFFER, UNSIGNED_SHORT, components, values.length);
    accessor.addProperty("normalized", true);
    return add(accessor);
  }

  /**
   * Adds indices of vertices.
   *
   * @param values corners of triangles, at least one
   * @return the number of the accessor
   */
  public int indices(int... values) {
    ByteBuffer bytes = allocate(4L * values.length);
    bytes.asIntBuffer().put(values);
    return add(accessor(bytes, ELEMENT_ARRAY_BUFFER, UNSIGNED_INT, 1, values.length));
  }

  private static ByteBuffer allocate(long bytes) {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(bytes + " bytes of an attribute, expected at most 2^31");
    }
    return ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private JsonObject accessor(
      ByteBuffer bytes, int target, int componentType, int components, int values) {
    String type = type(components);
    if (values == 0 || values % components != 0) {
      throw new IllegalArgumentException(
          values + " values, expected a multiple of " + components + " above 0");
    }
    JsonObject view = new JsonObject();
    view.addProperty("buffer", 0);
    view.addProperty("byteOffset", length);
    view.addProperty("byteLength", bytes.remaining());
    view.addProperty("target", target);
    views.add(view);
    // Every element type that can be added takes a multiple of 4 bytes, so all views are aligned.
    buffers.add(bytes);
    length += bytes.remaining();
    JsonObject accessor = new JsonObject();
    accessor.addProperty("bufferView", views.size() - 1);
    accessor.addProperty("componentType", componentType);
    accessor.addProperty("count", values / components);
    accessor.addProperty("type", type);
    return accessor;
  }

  private int add(JsonObject accessor) {
    accessors.add(accessor);
    return accessors.size() - 1;
  }

  /**
   * Turns vectors of a world with z up into glTF's axes: (x, y, z) becomes (x, z, -y).
   *
   * @param values (N,3)
   * @return (N,3), a new array
   */
  public static float[] yUp(float... values) {
    float[] turned = new float[values.length];
    for (int i = 0; i < values.length; i += 3) {
      turned[i] = values[i];
      turned[i + 1] = values[i + 2];
      turned[i + 2] = 0 - values[i + 1]; // 0, not -0.
    }
    return turned;
  }

  /**
   * Turns a value of sRGB into linear light, as glTF's colours of vertices are.
   *
   * @param srgb brought into 0 to 1
   * @return 0 to 1
   */
  public static double linear(double srgb) {
    double value = Math.max(0, Math.min(1, srgb));
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }

  /**
   * Returns the file: one scene with one node that draws one mesh of one primitive.
   *
   * @param primitive its attributes, by the numbers of their accessors
   * @param root what else the file has at its root, such as materials and extensions
   * @return the content, which may be written once
   * @throws IllegalArgumentException if it is longer than 4 GiB, the limit of the format
   */
  public AtomicFiles.Content content(JsonObject primitive, JsonObject root) {
    JsonObject json = new JsonObject();
    JsonObject asset = new JsonObject();
    asset.addProperty("version", "2.0");
    asset.addProperty("generator", "CVS");
    json.add("asset", asset);
    root.entrySet().forEach(entry -> json.add(entry.getKey(), entry.getValue()));
    json.addProperty("scene", 0);
    json.add("scenes", list("nodes", number(0)));
    JsonObject node = new JsonObject();
    node.addProperty("mesh", 0);
    json.add("nodes", array(node));
    json.add("meshes", list("primitives", array(primitive)));
    json.add("accessors", accessors);
    json.add("bufferViews", views);
    JsonObject buffer = new JsonObject();
    buffer.addProperty("byteLength", length);
    json.add("buffers", array(buffer));
    byte[] text = Json.compact(json).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 3) / 4 * 4);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    long whole = 28L + padded.length + length;
    if (whole > 0xFFFFFFFFL) {
      throw new IllegalArgumentException(whole + " bytes, expected at most 4 GiB for a .glb file");
    }
    return channel -> {
      ByteBuffer start = ByteBuffer.allocate(28 + padded.length).order(ByteOrder.LITTLE_ENDIAN);
      start.putInt(MAGIC).putInt(2).putInt((int) whole);
      start.putInt(padded.length).putInt(JSON_CHUNK).put(padded);
      start.putInt((int) length).putInt(BINARY_CHUNK);
      write(channel, start.flip());
      for (ByteBuffer bytes : buffers) {
        write(channel, bytes.duplicate());
      }
    };
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static JsonArray number(int value) {
    JsonArray array = new JsonArray();
    array.add(value);
    return array;
  }

  private static JsonArray array(JsonObject value) {
    JsonArray array = new JsonArray();
    array.add(value);
    return array;
  }

  private static JsonArray list(String name, JsonArray values) {
    JsonObject object = new JsonObject();
    object.add(name, values);
    return array(object);
  }
}
