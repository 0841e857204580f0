package ai.fresnel.cvs.train.mesh;

import de.javagl.jgltf.impl.v2.Accessor;
import de.javagl.jgltf.impl.v2.BufferView;
import de.javagl.jgltf.impl.v2.GlTF;
import de.javagl.jgltf.model.io.GltfAsset;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

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

  private final GlTF gltf;
  private final Archive archive;
  private final String folder;
  private final List<ByteBuffer> buffers = new ArrayList<>();

  /**
   * Reads all buffers.
   *
   * @param asset the parsed file
   * @param gltf its JSON
   * @param archive holds the files that it names
   * @param folder the folder of the file in the archive
   */
  GltfBuffers(GltfAsset asset, GlTF gltf, Archive archive, String folder) throws IOException {
    this.gltf = gltf;
    this.archive = archive;
    this.folder = folder;
    var declared = GltfReader.list(gltf.getBuffers());
    for (int i = 0; i < declared.size(); i++) {
      String uri = declared.get(i).getUri();
      ByteBuffer bytes = uri == null ? asset.getBinaryData() : ByteBuffer.wrap(read(uri));
      if (bytes == null) {
        throw new IOException("buffer " + i + " has neither a uri nor a binary chunk");
      }
      buffers.add(bytes.slice());
    }
  }

  /** Reads a data URI, or a file of the archive. */
  byte[] read(String uri) throws IOException {
    if (uri.startsWith("data:")) {
      int comma = uri.indexOf(',');
      if (comma < 0 || !uri.substring(0, comma).endsWith(";base64")) {
        throw new IOException("data uri that is not base64");
      }
      return Base64.getDecoder().decode(uri.substring(comma + 1));
    }
    // In a path, a plus is a plus.
    String path = URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8);
    String found = archive.find(folder, path);
    if (found == null) {
      throw new IOException("file " + path + " is missing");
    }
    return archive.read(found, MeshFiles.MAX_BYTES);
  }

  /** Returns the bytes of a buffer view. */
  ByteBuffer view(int index) throws IOException {
    BufferView view = GltfReader.get(gltf.getBufferViews(), index, "bufferView");
    int buffer = view.getBuffer();
    ByteBuffer bytes = GltfReader.get(buffers, buffer, "buffer");
    long start = orZero(view.getByteOffset());
    long end = start + view.getByteLength();
    if (start < 0 || view.getByteLength() < 0 || end > bytes.capacity()) {
      throw new IOException(
          String.format(
              "bufferView %d ends at byte %d of buffer %d, which has %d",
              index, end, buffer, bytes.capacity()));
    }
    return bytes.slice((int) start, (int) (end - start));
  }

  /** Reads the numbers of an accessor. */
  Numbers accessor(int index) throws IOException {
    Accessor accessor = GltfReader.get(gltf.getAccessors(), index, "accessor");
    if (accessor.getSparse() != null || accessor.getBufferView() == null) {
      throw new IOException("accessor " + index + " is sparse, which is not supported");
    }
    int type = accessor.getComponentType();
    int size = sizeOf(type);
    int components =
        switch (accessor.getType()) {
          case "SCALAR" -> 1;
          case "VEC2" -> 2;
          case "VEC3" -> 3;
          case "VEC4" -> 4;
          default -> throw new IOException("accessor " + index + " is a " + accessor.getType());
        };
    ByteBuffer view = view(accessor.getBufferView()).order(ByteOrder.LITTLE_ENDIAN);
    Integer given = gltf.getBufferViews().get(accessor.getBufferView()).getByteStride();
    int stride = given == null ? size * components : given;
    long start = orZero(accessor.getByteOffset());
    int count = accessor.getCount();
    long end = count == 0 ? start : start + (long) stride * (count - 1) + (long) size * components;
    if (start < 0 || count < 0 || stride < 1 || end > view.capacity()) {
      throw new IOException(
          String.format(
              "accessor %d ends at byte %d of bufferView %d, which has %d",
              index, end, accessor.getBufferView(), view.capacity()));
    }
    boolean normalized = Boolean.TRUE.equals(accessor.isNormalized());
    return new Numbers(view, (int) start, stride, type, size, components, count, normalized);
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

  private static int orZero(Integer value) {
    return value == null ? 0 : value;
  }

  /** The numbers of an accessor, elements of components. */
  record Numbers(
      ByteBuffer bytes,
      int start,
      int stride,
      int type,
      int size,
      int components,
      int count,
      boolean normalized) {

    /** Returns a number; normalised integers become 0..1 or -1..1. */
    float get(int element, int component) {
      int at = start + element * stride + component * size;
      return switch (type) {
        case BYTE -> normalized ? Math.max(bytes.get(at) / 127f, -1) : bytes.get(at);
        case UNSIGNED_BYTE -> normalized ? (bytes.get(at) & 0xFF) / 255f : bytes.get(at) & 0xFF;
        case SHORT -> normalized ? Math.max(bytes.getShort(at) / 32767f, -1) : bytes.getShort(at);
        case UNSIGNED_SHORT ->
            normalized ? (bytes.getShort(at) & 0xFFFF) / 65535f : bytes.getShort(at) & 0xFFFF;
        case UNSIGNED_INT -> bytes.getInt(at) & 0xFFFFFFFFL;
        default -> bytes.getFloat(at);
      };
    }

    /** Returns an index. */
    long index(int element) {
      int at = start + element * stride;
      return switch (type) {
        case UNSIGNED_BYTE -> bytes.get(at) & 0xFF;
        case UNSIGNED_SHORT -> bytes.getShort(at) & 0xFFFF;
        case UNSIGNED_INT -> bytes.getInt(at) & 0xFFFFFFFFL;
        default -> -1;
      };
    }
  }
}
