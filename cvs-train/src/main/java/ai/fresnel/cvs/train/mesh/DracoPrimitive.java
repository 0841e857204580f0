package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.JsonValue;
import com.openize.drako.DataType;
import com.openize.drako.Draco;
import com.openize.drako.DracoMesh;
import com.openize.drako.DrakoException;
import com.openize.drako.PointAttribute;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A glTF primitive compressed by Draco ({@code KHR_draco_mesh_compression}). The library drako
 * decodes it, after a check of the claimed sizes.
 */
final class DracoPrimitive {

  private static final byte[] MAGIC = {'D', 'R', 'A', 'C', 'O'};
  private static final int MESH = 1;
  private static final int EDGEBREAKER = 1;
  private static final int HAS_METADATA = 0x8000;

  /** More triangles or points for a byte than any real mesh has, flat grids included. */
  private static final int MOST_PER_BYTE = 200;

  private final DracoMesh mesh;
  private final JsonValue ids;
  private final Budget budget;

  private DracoPrimitive(DracoMesh mesh, JsonValue ids, Budget budget) {
    this.mesh = mesh;
    this.ids = ids;
    this.budget = budget;
  }

  /**
   * Decodes a primitive.
   *
   * @param bytes the compressed mesh
   * @param ids the {@code attributes} of the extension, from attribute name to number in the data
   * @param budget what the object may take
   * @throws IOException if the data does not match the extension, or claims to be too large
   */
  static DracoPrimitive decode(ByteBuffer bytes, JsonValue ids, Budget budget) throws IOException {
    byte[] data = new byte[bytes.remaining()];
    bytes.duplicate().get(data);
    checkHeader(ByteBuffer.wrap(data), budget);
    try {
      // Null if the data ends too soon.
      if (Draco.decode(data) instanceof DracoMesh mesh) {
        return new DracoPrimitive(mesh, ids, budget);
      }
      throw new IOException("Draco data is damaged or cut off");
    } catch (DrakoException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      // The header is not the only place that claims sizes.
      throw new IOException("Draco data is damaged: " + TextFiles.oneLine(e), e);
    }
  }

  /** Checks the header, since the decoder allocates what it claims. */
  private static void checkHeader(ByteBuffer data, Budget budget) throws IOException {
    try {
      for (byte letter : MAGIC) {
        if (data.get() != letter) {
          throw new IOException("Draco data does not begin with DRACO");
        }
      }
      int major = data.get();
      int minor = data.get();
      if (major != 2 || minor != 2) {
        throw new IOException("Draco data of version " + major + "." + minor + ", expected 2.2");
      }
      int type = data.get();
      int method = data.get();
      // Little-endian, whatever the buffer's order.
      int flags = (data.get() & 0xFF) | (data.get() & 0xFF) << 8;
      if (type != MESH || (flags & HAS_METADATA) != 0) {
        throw new IOException("Draco data holds no mesh, or metadata, which is not supported");
      }
      long points;
      long faces;
      if (method == EDGEBREAKER) {
        data.get();
        points = variable(data);
        faces = variable(data);
      } else {
        faces = variable(data);
        points = variable(data);
      }
      long most = Math.min(Budget.MAX_TRIANGLES, (long) MOST_PER_BYTE * data.capacity());
      if (faces > most || points > 3 * most) {
        throw new IOException(
            String.format(
                "Draco data of %d bytes claims %d triangles and %d points, too many",
                data.capacity(), faces, points));
      }
      budget.compressed(faces + points);
    } catch (BufferUnderflowException e) {
      throw new IOException("Draco data is cut off", e);
    }
  }

  /** Reads a number in groups of seven bits, the lowest first. */
  private static long variable(ByteBuffer data) throws IOException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int next = data.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IOException("Draco data is damaged: a number without an end");
  }

  /** Says whether an attribute is in the compressed data. */
  boolean has(String attribute) {
    return GltfFile.member(ids, attribute).isPresent();
  }

  /**
   * Returns an attribute of all points.
   *
   * @param attribute a name of the extension
   * @param normalized whether integers stand for 0..1 or -1..1, from its accessor
   */
  GltfBuffers.Numbers attribute(String attribute, boolean normalized) throws IOException {
    int id = ids.get(attribute).integer();
    PointAttribute found = null;
    for (int i = 0; i < mesh.getNumAttributes(); i++) {
      if (mesh.attribute(i).getUniqueId() == id) {
        found = mesh.attribute(i);
      }
    }
    if (found == null) {
      throw new IOException(
          "Draco data has no attribute " + id + ", which " + attribute + " names");
    }
    GltfBuffers.Element element =
        new GltfBuffers.Element(
            componentType(found.getDataType()), found.getComponentsCount(), normalized);
    int length = element.length();
    int points = mesh.getNumPoints();
    budget.bytes((long) points * length);
    ByteBuffer values = ByteBuffer.allocate(Math.multiplyExact(points, length));
    byte[] value = new byte[length];
    for (int point = 0; point < points; point++) {
      found.getValue(found.mappedIndex(point), value);
      values.put(value);
    }
    values.order(ByteOrder.LITTLE_ENDIAN);
    return new GltfBuffers.Numbers(values, 0, length, element, points);
  }

  /** Returns the corners of the triangles. */
  GltfBuffers.Numbers indices() throws IOException {
    int faces = mesh.getNumFaces();
    budget.bytes(12L * faces);
    int[] face = new int[3];
    ByteBuffer indices = ByteBuffer.allocate(Math.multiplyExact(12, faces));
    indices.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < faces; i++) {
      mesh.readFace(i, face);
      for (int corner : face) {
        indices.putInt(corner);
      }
    }
    GltfBuffers.Element element = new GltfBuffers.Element(GltfBuffers.UNSIGNED_INT, 1, false);
    return new GltfBuffers.Numbers(indices, 0, 4, element, 3 * faces);
  }

  private static int componentType(int draco) throws IOException {
    return switch (draco) {
      case DataType.INT8 -> GltfBuffers.BYTE;
      case DataType.UINT8 -> GltfBuffers.UNSIGNED_BYTE;
      case DataType.INT16 -> GltfBuffers.SHORT;
      case DataType.UINT16 -> GltfBuffers.UNSIGNED_SHORT;
      case DataType.UINT32 -> GltfBuffers.UNSIGNED_INT;
      case DataType.FLOAT32 -> GltfBuffers.FLOAT;
      default -> throw new IOException("Draco data has numbers of type " + draco);
    };
  }
}
