package ai.fresnel.cvs.checkpoint;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
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

  /** The arrays to write, which need not be in memory together. */
  private interface Source {
    /** Returns the type of each array by its name. */
    SortedMap<String, DataType> types();

    Shape shape(String name);

    /** Lends an array of the shape and type that it claims. */
    void lend(String name, Use use) throws IOException;
  }

  /** Uses an array. */
  private interface Use {
    void accept(NDArray array) throws IOException;
  }

  /** Sees the bytes that are written. */
  private interface Seeing {
    void see(ByteBuffer bytes);
  }

  /** Checks that the arrays can be stored, and returns the content of their file. */
  static AtomicFiles.Content content(Map<String, NDArray> tensors, Map<String, String> metadata) {
    return content(inMemory(tensors), metadata);
  }

  /** Returns the content of a file of weights that are read one at a time as it is written. */
  static AtomicFiles.Content content(
      WeightFile weights, NDManager manager, Map<String, String> metadata, Runnable written) {
    return content(streamed(weights, manager, written), metadata);
  }

  private static AtomicFiles.Content content(Source tensors, Map<String, String> metadata) {
    ByteBuffer head = head(layout(tensors, metadata));
    return channel -> write(channel, head, tensors, memory -> {});
  }

  /** As above, with a checksum of header and data in the metadata. */
  static AtomicFiles.Content checkedContent(
      Map<String, NDArray> arrays, Map<String, String> metadata) {
    Source tensors = inMemory(arrays);
    SafetensorsHeader header = layout(tensors, metadata).withChecksum(Checksum.NONE);
    ByteBuffer head = head(header);
    return channel -> {
      Checksum sum = Checksum.of(header);
      write(channel, head, tensors, sum::update);
      // The checksum is known at the end, and its place from the beginning.
      ByteBuffer known = head(header.withChecksum(sum.text()));
      while (known.hasRemaining()) {
        channel.write(known, known.position());
      }
    };
  }

  private static Source inMemory(Map<String, NDArray> arrays) {
    SortedMap<String, DataType> types = new TreeMap<>();
    arrays.forEach(
        (name, array) -> {
          if (array.isSparse()) {
            throw unstorable(name, "sparse");
          }
          types.put(name, array.getDataType());
        });
    return new Source() {
      @Override
      public SortedMap<String, DataType> types() {
        return types;
      }

      @Override
      public Shape shape(String name) {
        return arrays.get(name).getShape();
      }

      @Override
      public void lend(String name, Use use) throws IOException {
        use.accept(arrays.get(name));
      }
    };
  }

  private static Source streamed(WeightFile weights, NDManager manager, Runnable written) {
    SortedMap<String, DataType> types = new TreeMap<>();
    weights.names().forEach(name -> types.put(name, weights.dataType(name)));
    return new Source() {
      @Override
      public SortedMap<String, DataType> types() {
        return types;
      }

      @Override
      public Shape shape(String name) {
        return weights.shape(name);
      }

      @Override
      public void lend(String name, Use use) throws IOException {
        try (NDManager scope = manager.newSubManager()) {
          use.accept(weights.read(scope, name).toType(types.get(name), false));
        }
        written.run();
      }
    };
  }

  private static void write(FileChannel channel, ByteBuffer head, Source tensors, Seeing seeing)
      throws IOException {
    writeFully(channel, head);
    for (String name : tensors.types().keySet()) {
      tensors.lend(name, array -> write(channel, array, seeing));
    }
  }

  private static SafetensorsHeader layout(Source tensors, Map<String, String> metadata) {
    SortedMap<String, SafetensorsHeader.Entry> entries = new TreeMap<>();
    long position = 0;
    for (Map.Entry<String, DataType> tensor : tensors.types().entrySet()) {
      String name = tensor.getKey();
      if (name.equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("a tensor cannot be called " + name);
      }
      SafetensorsType type = SafetensorsType.storing(tensor.getValue());
      if (type == null) {
        throw unstorable(name, "of type " + tensor.getValue());
      }
      Shape sides = tensors.shape(name);
      List<Long> shape = Arrays.stream(sides.getShape()).boxed().toList();
      long end = Math.addExact(position, Math.multiplyExact(sides.size(), type.bytes()));
      entries.put(name, new SafetensorsHeader.Entry(type, shape, position, end));
      position = end;
    }
    return new SafetensorsHeader(entries, new TreeMap<>(metadata));
  }

  private static IllegalArgumentException unstorable(String name, String what) {
    return new IllegalArgumentException(
        "tensor " + Json.quote(name) + " is " + what + ", which safetensors files do not hold");
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
