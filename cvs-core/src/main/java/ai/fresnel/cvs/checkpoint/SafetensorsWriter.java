package ai.fresnel.cvs.checkpoint;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a safetensors file array by array, sorted by name, so that equal input gives equal bytes.
 */
final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /** Checks that the arrays can be stored, and returns the content of their file. */
  static AtomicFiles.Content content(Map<String, NDArray> tensors, Map<String, String> metadata) {
    SortedMap<String, NDArray> ordered = new TreeMap<>(tensors);
    ByteBuffer head = head(layout(ordered, metadata));
    return channel -> write(channel, head, ordered, memory -> {});
  }

  /** As above, with a checksum of header and data in the metadata. */
  static AtomicFiles.Content checkedContent(
      Map<String, NDArray> tensors, Map<String, String> metadata) {
    SortedMap<String, NDArray> ordered = new TreeMap<>(tensors);
    SafetensorsHeader header = layout(ordered, metadata).withChecksum(Checksum.NONE);
    ByteBuffer head = head(header);
    return channel -> {
      Checksum sum = Checksum.of(header);
      write(channel, head, ordered, sum::update);
      // The checksum is known at the end, and its place from the beginning.
      ByteBuffer known = head(header.withChecksum(sum.text()));
      while (known.hasRemaining()) {
        channel.write(known, known.position());
      }
    };
  }

  /** Sees the bytes that are written. */
  private interface Seeing {
    void see(ByteBuffer bytes);
  }

  private static void write(
      FileChannel channel, ByteBuffer head, SortedMap<String, NDArray> ordered, Seeing seeing)
      throws IOException {
    writeFully(channel, head);
    for (NDArray array : ordered.values()) {
      write(channel, array, seeing);
    }
  }

  private static SafetensorsHeader layout(
      SortedMap<String, NDArray> tensors, Map<String, String> metadata) {
    SortedMap<String, SafetensorsHeader.Entry> entries = new TreeMap<>();
    long position = 0;
    for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
      String name = tensor.getKey();
      NDArray array = tensor.getValue();
      if (name.equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("a tensor cannot be called " + name);
      }
      SafetensorsType type = SafetensorsType.storing(array.getDataType());
      if (type == null || array.isSparse()) {
        throw new IllegalArgumentException(
            "tensor "
                + Json.quote(name)
                + " is "
                + (array.isSparse() ? "sparse" : "of type " + array.getDataType())
                + ", which safetensors files do not hold");
      }
      List<Long> shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
      long end = Math.addExact(position, Math.multiplyExact(array.getShape().size(), type.bytes()));
      entries.put(name, new SafetensorsHeader.Entry(type, shape, position, end));
      position = end;
    }
    return new SafetensorsHeader(entries, new TreeMap<>(metadata));
  }

  /** Returns length and header, padded with spaces so that the data starts at a multiple of 8. */
  private static ByteBuffer head(SafetensorsHeader header) {
    ByteBuffer json;
    try {
      json = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(header.toJson()));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a name is not well-formed Unicode", e);
    }
    int length = (json.remaining() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer head = ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(length).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    return head.flip();
  }

  private static void write(FileChannel channel, NDArray array, Seeing seeing) throws IOException {
    ArrayMemory.Visitor visitor =
        (memory, first) -> {
          seeing.see(memory.duplicate());
          writeFully(channel, memory);
        };
    if (array.getDevice().equals(Device.cpu())) {
      ArrayMemory.visit(array, visitor);
    } else {
      // Copy one array at a time to the CPU, and free it.
      try (NDArray onCpu = array.toDevice(Device.cpu(), true)) {
        ArrayMemory.visit(onCpu, visitor);
      }
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
