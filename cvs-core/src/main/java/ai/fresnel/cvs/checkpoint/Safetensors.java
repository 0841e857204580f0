package ai.fresnel.cvs.checkpoint;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.json.Json;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * A safetensors file: arrays by name, as <a
 * href="https://github.com/huggingface/safetensors#format">the format's description</a> defines it.
 * Files and arrays may be larger than 2 GiB; data does not pass through a Java array.
 *
 * <p>Opening reads and checks the whole header and refuses a file whose header and size disagree;
 * the data is read on demand, directly into the array's memory. Reading is thread-safe. A file must
 * not be shortened while it is open.
 */
public final class Safetensors implements AutoCloseable {

  /** The name that the checksum of a file that this library wrote has in its metadata. */
  public static final String CHECKSUM = Checksum.NAME;

  /** The limit of the format. */
  private static final long MAX_HEADER = 100_000_000;

  private static final int LENGTH_BYTES = 8;
  private static final int WIDENING_BYTES = 1 << 20;
  private static final int VERIFIED_BYTES = 1 << 20;

  private final String file;
  private final FileChannel channel;
  private final SafetensorsHeader header;
  private final long dataStart;

  private Safetensors(String file, FileChannel channel, SafetensorsHeader header, long dataStart) {
    this.file = file;
    this.channel = channel;
    this.header = header;
    this.dataStart = dataStart;
  }

  /**
   * Opens a file and checks its header.
   *
   * @param path the file
   * @return the open file; close it after use
   * @throws ModelFormatException if the file is not a valid safetensors file; the message says what
   *     is wrong and with which tensor
   * @throws IOException if the file cannot be read
   */
  public static Safetensors open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      String file = path.toString();
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw new ModelFormatException(
            file + ": " + size + " bytes, too short for a safetensors file");
      }
      ByteBuffer lengthBytes = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      readFully(channel, lengthBytes, 0, file);
      long length = lengthBytes.getLong(0);
      long most = Math.min(size - LENGTH_BYTES, MAX_HEADER);
      // Compare as unsigned: 2^63 and more is a length, too.
      if (Long.compareUnsigned(length, most) > 0) {
        throw new ModelFormatException(
            file
                + ": the header claims "
                + Long.toUnsignedString(length)
                + " bytes, expected at most "
                + most);
      }
      ByteBuffer text = ByteBuffer.allocate((int) length);
      readFully(channel, text, LENGTH_BYTES, file);
      long dataStart = LENGTH_BYTES + length;
      SafetensorsHeader header =
          SafetensorsHeader.parse(decode(text.flip(), file), size - dataStart, file);
      return new Safetensors(file, channel, header, dataStart);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private static String decode(ByteBuffer text, String file) throws ModelFormatException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw new ModelFormatException(file + ": the header is not UTF-8", e);
    }
  }

  /**
   * Writes a file atomically: under a temporary name in the same folder, flushed to disk, then
   * renamed. The same arrays and metadata give the same bytes.
   *
   * @param path the file; replaced if it exists
   * @param tensors the arrays by name, of any shape and of type float64, float32, float16,
   *     bfloat16, int64, int32, int16, int8, uint8 or boolean
   * @param metadata free-form strings, may be empty
   * @throws IllegalArgumentException if a name or a type cannot be stored; nothing is written then
   * @throws IOException if writing fails; an older file stays
   */
  public static void write(Path path, Map<String, NDArray> tensors, Map<String, String> metadata)
      throws IOException {
    AtomicFiles.write(path, content(tensors, metadata));
  }

  /**
   * Returns the content of a file. The arrays are read when it is written.
   *
   * @param tensors the arrays by name, as in {@link #write}
   * @param metadata free-form strings, may be empty
   * @return the content, for {@link AtomicFiles}
   * @throws IllegalArgumentException if a name or a type cannot be stored
   */
  public static AtomicFiles.Content content(
      Map<String, NDArray> tensors, Map<String, String> metadata) {
    return SafetensorsWriter.content(tensors, metadata);
  }

  /**
   * Returns the content of a file of weights that are read and written one at a time: it needs the
   * memory of one array.
   *
   * @param weights the weights, each stored in its {@link WeightFile#dataType}
   * @param manager owner of the arrays while they are written
   * @param metadata free-form strings, may be empty
   * @param written called after each array
   * @return the content, for {@link AtomicFiles}; the weights must be open while it is written
   */
  public static AtomicFiles.Content content(
      WeightFile weights, NDManager manager, Map<String, String> metadata, Runnable written) {
    return SafetensorsWriter.content(weights, manager, metadata, written);
  }

  /**
   * Returns the content of a file with a checksum of all its bytes, {@code crc32c} in its metadata,
   * which {@link #verify} compares. The arrays are read when the content is written.
   *
   * @param tensors the arrays by name, as in {@link #write}
   * @param metadata free-form strings, without {@code crc32c}
   * @return the content, for {@link AtomicFiles}
   * @throws IllegalArgumentException if a name or a type cannot be stored
   */
  public static AtomicFiles.Content checkedContent(
      Map<String, NDArray> tensors, Map<String, String> metadata) {
    return SafetensorsWriter.checkedContent(tensors, metadata);
  }

  /**
   * Compares the file with its checksum. Reads all of it. Does nothing for a file without one.
   *
   * @throws ModelFormatException if a byte has changed since the file was written
   * @throws IOException if the file cannot be read
   */
  public void verify() throws IOException {
    String expected = header.metadata().get(Checksum.NAME);
    if (expected == null) {
      return;
    }
    Checksum sum = Checksum.of(header);
    ByteBuffer part = ByteBuffer.allocateDirect(VERIFIED_BYTES);
    long size = channel.size();
    for (long position = dataStart; position < size; position += part.limit()) {
      part.clear().limit((int) Math.min(VERIFIED_BYTES, size - position));
      readFully(channel, part, position, file);
      sum.update(part.flip());
    }
    if (!expected.equals(sum.text())) {
      throw new ModelFormatException(
          file
              + ": damaged: its checksum is "
              + Json.quote(sum.text())
              + ", expected "
              + Json.quote(expected));
    }
  }

  /**
   * Returns the names of the arrays in the file.
   *
   * @return their names, in order, unmodifiable
   */
  public Set<String> names() {
    return header.tensors().keySet();
  }

  /**
   * Returns the file's free-form strings.
   *
   * @return an unmodifiable map, in the order of its keys
   */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * Returns the shape of an array.
   *
   * @param name one of {@link #names}
   * @return its shape, of no dimensions for a scalar
   * @throws NoSuchElementException if there is no such array
   */
  public Shape shape(String name) {
    return new Shape(entry(name).shape().stream().mapToLong(Long::longValue).toArray());
  }

  /**
   * Returns the type in which an array is stored.
   *
   * @param name one of {@link #names}
   * @return the stored type; {@link #read} widens bfloat16 to float32 and int16 to int32
   * @throws NoSuchElementException if there is no such array
   */
  public DataType dataType(String name) {
    return entry(name).type().stored;
  }

  /**
   * Reads an array.
   *
   * @param manager owner of the result, on whose device the array is made
   * @param name one of {@link #names}
   * @return a new array of the stored {@link #shape} and type, but float32 for bfloat16 and int32
   *     for int16
   * @throws NoSuchElementException if there is no such array
   * @throws IOException if the file cannot be read or a boolean is neither 0 nor 1
   */
  public NDArray read(NDManager manager, String name) throws IOException {
    SafetensorsHeader.Entry entry = entry(name);
    NDArray array = manager.create(shape(name), entry.type().read, Device.cpu());
    try {
      long start = dataStart + entry.begin();
      int size = entry.type().bytes();
      ArrayMemory.visit(
          array,
          (memory, first) -> {
            long position = start + first * size;
            switch (entry.type()) {
              case BF16 -> widen(memory, position, (from, to) -> to.putInt(from.getShort() << 16));
              case I16 -> widen(memory, position, (from, to) -> to.putInt(from.getShort()));
              case BOOL -> {
                readFully(channel, memory, position, file);
                checkBooleans(memory, name);
              }
              default -> readFully(channel, memory, position, file);
            }
          });
      if (manager.getDevice().equals(Device.cpu())) {
        return array;
      }
      NDArray moved = array.toDevice(manager.getDevice(), true);
      array.close();
      return moved;
    } catch (Throwable e) {
      array.close();
      throw e;
    }
  }

  /**
   * Maps the bytes of an array in the file.
   *
   * @param name one of {@link #names}
   * @return a read-only, little-endian buffer, valid after this file is closed; its address is not
   *     aligned
   * @throws NoSuchElementException if there is no such array
   * @throws IOException if the array is larger than 2 GiB, the limit of a buffer, or cannot be
   *     mapped
   */
  public ByteBuffer bytes(String name) throws IOException {
    SafetensorsHeader.Entry entry = entry(name);
    if (entry.bytes() > Integer.MAX_VALUE) {
      throw new IOException(
          file
              + ": tensor "
              + Json.quote(name)
              + " has "
              + entry.bytes()
              + " bytes, more than one buffer holds");
    }
    return channel
        .map(FileChannel.MapMode.READ_ONLY, dataStart + entry.begin(), entry.bytes())
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Closes the file. Arrays that were read stay valid. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = header.tensors().get(name);
    if (entry == null) {
      throw new NoSuchElementException(file + " has no tensor " + Json.quote(name));
    }
    return entry;
  }

  /** Widens a two-byte element to four bytes. */
  private interface Widening {
    void apply(ByteBuffer from, ByteBuffer to);
  }

  private void widen(ByteBuffer memory, long start, Widening widening) throws IOException {
    long position = start;
    ByteBuffer narrow =
        ByteBuffer.allocateDirect(Math.min(WIDENING_BYTES, memory.remaining() / 2))
            .order(ByteOrder.LITTLE_ENDIAN);
    while (memory.hasRemaining()) {
      narrow.clear().limit(Math.min(narrow.capacity(), memory.remaining() / 2));
      readFully(channel, narrow, position, file);
      position += narrow.flip().remaining();
      while (narrow.hasRemaining()) {
        widening.apply(narrow, memory);
      }
    }
  }

  /** Refuses values other than 0 and 1, which are undefined behaviour in the engine. */
  private void checkBooleans(ByteBuffer memory, String name) throws ModelFormatException {
    for (int i = 0; i < memory.limit(); i++) {
      int value = memory.get(i);
      if (value != 0 && value != 1) {
        throw new ModelFormatException(
            file
                + ": tensor "
                + Json.quote(name)
                + ": a boolean is "
                + value
                + ", expected 0 or 1");
      }
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer to, long start, String file)
      throws IOException {
    long position = start;
    while (to.hasRemaining()) {
      int count = channel.read(to, position);
      if (count < 0) {
        throw new EOFException(file + " became shorter while it was read");
      }
      position += count;
    }
  }
}
