package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The JSON and the binary chunk of a glTF 2.0 file, text or binary. */
final class GltfFile {
  private static final int MAGIC = 0x46546C67;
  private static final int JSON_CHUNK = 0x4E4F534A;
  private static final int BINARY_CHUNK = 0x004E4942;
  private static final int HEADER = 12;
  private static final int CHUNK = 8;

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

  private final ObjectFiles files;
  private final JsonValue root;

  /** Null without a binary chunk. */
  private final ByteBuffer binary;

  private final Map<String, List<JsonValue>> lists = new HashMap<>();

  private GltfFile(ObjectFiles files, JsonValue root, ByteBuffer binary) {
    this.files = files;
    this.root = root;
    this.binary = binary;
  }

  /**
   * Parses a file.
   *
   * @param files the files of the object
   * @param bytes the glTF or GLB file
   * @return the file; its buffers are not read yet
   * @throws IOException if it is cut off, of another version, or requires unsupported features
   */
  static GltfFile parse(ObjectFiles files, byte[] bytes) throws IOException {
    ByteBuffer whole = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer json = whole;
    ByteBuffer binary = null;
    if (bytes.length >= 4 && whole.getInt(0) == MAGIC) {
      Map<Integer, ByteBuffer> chunks = chunks(whole);
      json = chunks.get(JSON_CHUNK);
      binary = chunks.get(BINARY_CHUNK);
      if (json == null) {
        throw new IOException("binary glTF without a chunk of JSON");
      }
    }
    GltfFile file = new GltfFile(files, json(files, json), binary);
    file.checkSupported();
    return file;
  }

  /** Returns the first chunk of each type, after checking that all are within the file. */
  private static Map<Integer, ByteBuffer> chunks(ByteBuffer file) throws IOException {
    if (file.capacity() < HEADER + CHUNK) {
      throw new IOException("binary glTF of " + file.capacity() + " bytes is cut off");
    }
    int version = file.getInt(4);
    if (version != 2) {
      throw new IOException("binary glTF of version " + version + ", expected 2");
    }
    long claimed = Integer.toUnsignedLong(file.getInt(8));
    if (claimed > file.capacity()) {
      throw new IOException("claims " + claimed + " bytes and has " + file.capacity());
    }
    Map<Integer, ByteBuffer> chunks = new HashMap<>();
    for (long at = HEADER; at + CHUNK <= claimed; ) {
      long length = Integer.toUnsignedLong(file.getInt((int) at));
      int type = file.getInt((int) at + 4);
      int start = (int) at + CHUNK;
      at += CHUNK + length;
      if (at > claimed) {
        throw new IOException("chunk of " + length + " bytes goes beyond the file's end");
      }
      chunks.putIfAbsent(type, file.slice(start, (int) length));
    }
    return chunks;
  }

  private static JsonValue json(ObjectFiles files, ByteBuffer bytes) throws IOException {
    byte[] text = new byte[bytes.remaining()];
    bytes.duplicate().get(text);
    int length = text.length;
    while (length > 0 && text[length - 1] == 0) {
      length--; // Some writers fill chunks with zeros instead of spaces.
    }
    files.budget().values(values(text, length));
    return Json.parse(TextFiles.decode(Arrays.copyOf(text, length)), files.label());
  }

  /** Counts at least the values of a JSON text. */
  private static long values(byte[] text, int length) {
    long count = 1;
    boolean quoted = false;
    for (int i = 0; i < length; i++) {
      byte c = text[i];
      if (c == '"') {
        quoted = !quoted;
      } else if (quoted && c == '\\') {
        i++;
      } else if (!quoted && (c == ',' || c == '[' || c == '{')) {
        count++;
      }
    }
    return count;
  }

  private void checkSupported() throws IOException {
    String version = root.get("asset").get("version").string();
    if (!version.startsWith("2")) {
      throw new IOException("glTF of version " + version + ", expected 2");
    }
    Set<String> required = new TreeSet<>();
    for (JsonValue extension : items(root, "extensionsRequired")) {
      required.add(extension.string());
    }
    required.removeAll(SUPPORTED);
    if (!required.isEmpty()) {
      throw new IOException("requires " + String.join(", ", required) + ", not supported");
    }
  }

  ObjectFiles files() {
    return files;
  }

  /** Returns the binary chunk, or null. */
  ByteBuffer binary() {
    return binary;
  }

  /** Returns the number of the default scene. */
  int scene() {
    return integer(root, "scene", 0);
  }

  /** Returns a list at the root of the file, such as "nodes"; empty if the file omits it. */
  List<JsonValue> list(String name) {
    return lists.computeIfAbsent(name, key -> items(root, key));
  }

  /**
   * Returns an element of a list.
   *
   * @param list its name, a plural in s
   * @param index from the file
   * @throws IOException if there is none of this index
   */
  JsonValue get(String list, int index) throws IOException {
    List<JsonValue> values = list(list);
    if (index < 0 || index >= values.size()) {
      String one = list.equals("meshes") ? "mesh" : list.substring(0, list.length() - 1);
      throw new IOException(one + " " + index + " of " + values.size());
    }
    return values.get(index);
  }

  /** Returns a member of an object, if it is there and not null. */
  static Optional<JsonValue> member(JsonValue object, String name) {
    return object.find(name).filter(value -> !value.isNull());
  }

  /** Returns an extension of an object. */
  static Optional<JsonValue> extension(JsonValue object, String name) {
    return member(object, "extensions").flatMap(all -> member(all, name));
  }

  /** Returns the values of a list in an object; empty if it has none. */
  static List<JsonValue> items(JsonValue object, String name) {
    return member(object, name).map(JsonValue::items).orElse(List.of());
  }

  /** Returns an integer of an object, or another if it has none. */
  static int integer(JsonValue object, String name, int otherwise) {
    return member(object, name).map(JsonValue::integer).orElse(otherwise);
  }

  /** Returns a number of an object, or another if it has none. */
  static double number(JsonValue object, String name, double otherwise) {
    return member(object, name).map(JsonValue::number).orElse(otherwise);
  }

  /** Returns a text of an object, or another if it has none. */
  static String text(JsonValue object, String name, String otherwise) {
    return member(object, name).map(JsonValue::string).orElse(otherwise);
  }

  /** Returns a flag of an object; false if it has none. */
  static boolean flag(JsonValue object, String name) {
    return member(object, name).map(JsonValue::bool).orElse(false);
  }

  /** Returns the numbers of a list in an object, or others if it has none of this length. */
  static double[] numbers(JsonValue object, String name, double... otherwise) {
    List<JsonValue> items = items(object, name);
    if (items.size() != otherwise.length) {
      return otherwise;
    }
    return items.stream().mapToDouble(JsonValue::number).toArray();
  }
}
