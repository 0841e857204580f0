package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the numbers of a glTF file from its buffers, buffer views and accessors. Checks each range
 * against the existing bytes before it allocates memory.
 */
final class GltfBuffers {

  // Component types.
  static final int BYTE = 5120;
  static final int UNSIGNED_BYTE = 5121;
  static final int SHORT = 5122;
  static final int UNSIGNED_SHORT = 5123;
  static final int UNSIGNED_INT = 5125;
  static final int FLOAT = 5126;

  private static final int NONE = -1;
  private static final Pattern WHITE = Pattern.compile("\\s+");

  private final GltfFile file;
  private final ObjectFiles files;
  private final Map<Integer, ByteBuffer> buffers = new HashMap<>();

  GltfBuffers(GltfFile file) {
    this.file = file;
    files = file.files();
  }

  /** Returns a buffer; reads it when first used. */
  private ByteBuffer buffer(int index) throws IOException {
    ByteBuffer bytes = buffers.get(index);
    if (bytes == null) {
      String uri = GltfFile.text(file.get("buffers", index), "uri", null);
      bytes = uri == null ? file.binary() : ByteBuffer.wrap(keep(uri));
      if (bytes == null) {
        throw new IOException("buffer " + index + " has neither a uri nor a binary chunk");
      }
      buffers.put(index, bytes);
    }
    return bytes;
  }

  private byte[] keep(String uri) throws IOException {
    return isData(uri) ? data(uri) : files.keep(find(uri));
  }

  /** Says whether a URI holds its data itself. */
  static boolean isData(String uri) {
    return uri.regionMatches(true, 0, "data:", 0, 5);
  }

  /** Returns the real name of the file that a URI names. */
  String find(String uri) throws IOException {
    String path = uri;
    try {
      // In a path, a plus is a plus.
      path = URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // A name with a percent sign that was not encoded.
    }
    String found = files.find(path);
    if (found == null) {
      throw new IOException("file " + path + " is missing");
    }
    return found;
  }

  /** Decodes a data URI, in base64 or percent-encoded. */
  byte[] data(String uri) throws IOException {
    int comma = uri.indexOf(',');
    if (comma < 0) {
      throw new IOException("data uri without a comma");
    }
    files.budget().bytes(uri.length() - comma);
    String text = uri.substring(comma + 1);
    String type = uri.substring(0, comma).strip();
    String base64 = ";base64";
    if (!type.regionMatches(true, type.length() - base64.length(), base64, 0, base64.length())) {
      String latin = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
      return latin.getBytes(StandardCharsets.ISO_8859_1);
    }
    String bare = WHITE.matcher(text).find() ? WHITE.matcher(text).replaceAll("") : text;
    try {
      return Base64.getDecoder().decode(bare);
    } catch (IllegalArgumentException e) {
      throw new IOException("data uri with bad base64: " + TextFiles.oneLine(e), e);
    }
  }

  /** Returns the bytes of a buffer view. */
  ByteBuffer view(int index) throws IOException {
    JsonValue view = file.get("bufferViews", index);
    int buffer = view.get("buffer").integer();
    ByteBuffer bytes = buffer(buffer);
    long start = GltfFile.integer(view, "byteOffset", 0);
    long length = view.get("byteLength").integer();
    if (start < 0 || length < 0 || start + length > bytes.capacity()) {
      throw new IOException(
          String.format(
              "bufferView %d ends at byte %d of buffer %d, which has %d",
              index, start + length, buffer, bytes.capacity()));
    }
    return bytes.slice((int) start, (int) length);
  }

  /** Reads the numbers of an accessor; zeros without a bufferView. */
  Numbers accessor(int index) throws IOException {
    JsonValue accessor = file.get("accessors", index);
    Element element =
        new Element(
            accessor.get("componentType").integer(),
            components(index, accessor.get("type").string()),
            GltfFile.flag(accessor, "normalized"));
    int count = accessor.get("count").integer();
    int view = GltfFile.integer(accessor, "bufferView", NONE);
    Optional<JsonValue> sparse = GltfFile.member(accessor, "sparse");
    if (count < 0) {
      throw new IOException("accessor " + index + " has " + count + " elements");
    }
    Numbers numbers =
        view == NONE
            ? zeros(element, count)
            : read(index, element, view, GltfFile.integer(accessor, "byteOffset", 0), count);
    return sparse.isPresent() ? replaced(index, numbers, sparse.get()) : numbers;
  }

  private Numbers read(int index, Element element, int viewIndex, long start, int count)
      throws IOException {
    ByteBuffer view = view(viewIndex).order(ByteOrder.LITTLE_ENDIAN);
    int length = element.length();
    int given = GltfFile.integer(file.get("bufferViews", viewIndex), "byteStride", 0);
    int stride = given == 0 ? length : given;
    long end = count == 0 ? start : start + (long) stride * (count - 1) + length;
    if (start < 0 || stride < 1 || end > view.capacity()) {
      throw new IOException(
          String.format(
              "accessor %d ends at byte %d of bufferView %d, which has %d",
              index, end, viewIndex, view.capacity()));
    }
    return new Numbers(view, (int) start, stride, element, count);
  }

  private Numbers zeros(Element element, int count) throws IOException {
    long bytes = (long) element.length() * count;
    files.budget().bytes(bytes);
    ByteBuffer zeros = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    return new Numbers(zeros, 0, element.length(), element, count);
  }

  /** Returns a copy of numbers with those replaced that a sparse accessor lists. */
  private Numbers replaced(int index, Numbers numbers, JsonValue sparse) throws IOException {
    Element element = numbers.element();
    int length = element.length();
    Numbers copy = zeros(element, numbers.count());
    for (int i = 0; i < numbers.count(); i++) {
      copy.bytes().put(i * length, numbers.bytes(), numbers.at(i), length);
    }
    int count = sparse.get("count").integer();
    JsonValue where = sparse.get("indices");
    JsonValue what = sparse.get("values");
    Numbers indices =
        read(
            index,
            new Element(where.get("componentType").integer(), 1, false),
            where.get("bufferView").integer(),
            GltfFile.integer(where, "byteOffset", 0),
            count);
    Numbers values =
        read(
            index,
            element,
            what.get("bufferView").integer(),
            GltfFile.integer(what, "byteOffset", 0),
            count);
    for (int i = 0; i < count; i++) {
      long at = indices.index(i);
      if (at < 0 || at >= copy.count()) {
        throw new IOException("accessor " + index + " replaces " + at + " of " + copy.count());
      }
      copy.bytes().put((int) at * length, values.bytes(), values.at(i), length);
    }
    return copy;
  }

  private static int components(int index, String type) throws IOException {
    return switch (type) {
      case "SCALAR" -> 1;
      case "VEC2" -> 2;
      case "VEC3" -> 3;
      case "VEC4" -> 4;
      case "MAT4" -> 16;
      default -> throw new IOException("accessor " + index + " is a " + type);
    };
  }

  /** Returns the bytes of a component. */
  static int sizeOf(int type) throws IOException {
    return switch (type) {
      case BYTE, UNSIGNED_BYTE -> 1;
      case SHORT, UNSIGNED_SHORT -> 2;
      case UNSIGNED_INT, FLOAT -> 4;
      default -> throw new IOException("component type " + type + " is not one of glTF's");
    };
  }

  /**
   * The elements of an accessor.
   *
   * @param type the component type
   * @param components the numbers of an element
   * @param normalized whether integers stand for 0..1 or -1..1
   */
  record Element(int type, int components, boolean normalized) {

    /** Returns the bytes of an element. */
    int length() throws IOException {
      return components * sizeOf(type);
    }
  }

  /** The numbers of an accessor, from a start in a buffer, an element at every stride. */
  record Numbers(ByteBuffer bytes, int start, int stride, Element element, int count) {

    int components() {
      return element.components();
    }

    /** Returns the place of an element. */
    int at(int index) {
      return start + index * stride;
    }

    /** Returns a number; normalised integers become 0..1 or -1..1. */
    float get(int index, int component) {
      int at = at(index);
      boolean normalized = element.normalized();
      return switch (element.type()) {
        case BYTE -> {
          byte value = bytes.get(at + component);
          yield normalized ? Math.max(value / 127f, -1) : value;
        }
        case UNSIGNED_BYTE -> {
          int value = bytes.get(at + component) & 0xFF;
          yield normalized ? value / 255f : value;
        }
        case SHORT -> {
          short value = bytes.getShort(at + 2 * component);
          yield normalized ? Math.max(value / 32767f, -1) : value;
        }
        case UNSIGNED_SHORT -> {
          int value = bytes.getShort(at + 2 * component) & 0xFFFF;
          yield normalized ? value / 65535f : value;
        }
        case UNSIGNED_INT -> bytes.getInt(at + 4 * component) & 0xFFFFFFFFL;
        default -> bytes.getFloat(at + 4 * component);
      };
    }

    /** Returns an index. */
    long index(int index) {
      int at = at(index);
      return switch (element.type()) {
        case UNSIGNED_BYTE -> bytes.get(at) & 0xFF;
        case UNSIGNED_SHORT -> bytes.getShort(at) & 0xFFFF;
        case UNSIGNED_INT -> bytes.getInt(at) & 0xFFFFFFFFL;
        default -> -1;
      };
    }
  }
}
