package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An array of NumPy's {@code .npy} format: float32 or float64, of either byte order, read into
 * doubles.
 *
 * <p>Format: numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3.
 */
final class Npy {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 4096;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([<>])f([48])'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");

  private final int[] shape;
  private final double[] values;

  private Npy(int[] shape, double[] values) {
    this.shape = shape;
    this.values = values;
  }

  /** Returns the sides, outermost first; empty for a single number. */
  int[] shape() {
    return shape;
  }

  /** Returns the values in C order. */
  double[] values() {
    return values;
  }

  /**
   * Reads a file of a known shape. Checks the header before it allocates memory.
   *
   * @throws IOException naming the file if it is damaged or has another shape
   */
  static Npy read(Path file, int... expectedShape) throws IOException {
    long size = Files.size(file);
    long longest = longest(expectedShape);
    if (size > longest) {
      throw DamagedFile.error(
          file, size + " bytes", "at most " + longest + " for shape " + text(expectedShape));
    }
    return decode(file, Files.readAllBytes(file), expectedShape);
  }

  /** Returns the largest number of bytes of a file of a shape. */
  static long longest(int... shape) {
    return 12 + MAX_HEADER + 8 * count(shape);
  }

  private static long count(int... shape) {
    long values = 1;
    for (int side : shape) {
      values *= side;
    }
    return values;
  }

  /** Reads an array from a file's bytes; {@code file} names it in messages. */
  static Npy decode(Path file, byte[] content, int... expectedShape) throws IOException {
    long expectedValues = count(expectedShape);
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    String header = header(file, bytes);
    Matcher descr = find(file, DESCR, header, "'descr' of '<f4' or '<f8'");
    boolean fortran =
        find(file, ORDER, header, "'fortran_order' of True or False").group(1).equals("True");
    String sides = find(file, SHAPE, header, "'shape' of a tuple").group(1);
    int[] shape = parseShape(file, sides);
    if (!Arrays.equals(shape, expectedShape)) {
      throw DamagedFile.error(file, "shape " + text(shape), text(expectedShape));
    }
    bytes.order(descr.group(1).equals("<") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    boolean doubles = descr.group(2).equals("8");
    long expectedBytes = expectedValues * (doubles ? 8 : 4);
    if (bytes.remaining() != expectedBytes) {
      throw DamagedFile.error(file, bytes.remaining() + " bytes of values", "" + expectedBytes);
    }
    double[] values = new double[(int) expectedValues];
    for (int i = 0; i < values.length; i++) {
      values[i] = doubles ? bytes.getDouble() : bytes.getFloat();
    }
    if (fortran && shape.length > 1) {
      if (shape.length > 2) {
        throw DamagedFile.error(
            file, "Fortran order in " + shape.length + " dimensions", "C order");
      }
      values = transposed(values, shape[0], shape[1]);
    }
    return new Npy(shape, values);
  }

  /** Writes float64. */
  static void write(Path file, double[] values, int... shape) throws IOException {
    AtomicFiles.writeUnflushed(file, encode(values, shape));
  }

  static byte[] encode(double[] values, int... shape) {
    byte[] start = start("<f8", values.length, shape);
    ByteBuffer bytes = ByteBuffer.allocate(start.length + 8 * values.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).put(start).asDoubleBuffer().put(values);
    return bytes.array();
  }

  /** Writes float32. */
  static void write(Path file, float[] values, int... shape) throws IOException {
    AtomicFiles.writeUnflushed(file, encode(values, shape));
  }

  static byte[] encode(float[] values, int... shape) {
    byte[] start = start("<f4", values.length, shape);
    ByteBuffer bytes = ByteBuffer.allocate(start.length + 4 * values.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).put(start).asFloatBuffer().put(values);
    return bytes.array();
  }

  /** Returns the bytes before the values. */
  private static byte[] start(String descr, int count, int[] shape) {
    if (count(shape) != count) {
      throw new IllegalArgumentException(count + " values do not fill shape " + text(shape));
    }
    String header =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + text(shape) + ", }";
    // NumPy aligns the values to 64 bytes and ends the header with a line feed.
    int prefix = MAGIC.length + 4;
    int length = (prefix + header.length() + 1 + 63) / 64 * 64;
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (length - prefix));
    bytes.put(header.getBytes(StandardCharsets.US_ASCII));
    while (bytes.position() < length - 1) {
      bytes.put((byte) ' ');
    }
    bytes.put((byte) '\n');
    return bytes.array();
  }

  private static String header(Path file, ByteBuffer bytes) throws IOException {
    byte[] magic = new byte[MAGIC.length];
    if (bytes.remaining() < MAGIC.length + 6) {
      throw DamagedFile.error(file, bytes.remaining() + " bytes", "a .npy file");
    }
    bytes.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw DamagedFile.error(file, "no NumPy signature", "a .npy file");
    }
    int major = bytes.get();
    bytes.get(); // the minor version changes nothing
    if (major < 1 || major > 3) {
      throw DamagedFile.error(file, ".npy version " + major, "1, 2 or 3");
    }
    int length = major == 1 ? Short.toUnsignedInt(bytes.getShort()) : bytes.getInt();
    if (length < 0 || length > MAX_HEADER || length > bytes.remaining()) {
      throw DamagedFile.error(
          file, "header of " + length + " bytes", "at most " + MAX_HEADER + " and inside the file");
    }
    byte[] header = new byte[length];
    bytes.get(header);
    return new String(header, StandardCharsets.ISO_8859_1);
  }

  private static Matcher find(Path file, Pattern pattern, String header, String expected)
      throws IOException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw DamagedFile.error(file, "header " + Json.quote(header.strip()), expected);
    }
    return matcher;
  }

  private static int[] parseShape(Path file, String sides) throws IOException {
    try {
      return Pattern.compile(",")
          .splitAsStream(sides)
          .map(String::strip)
          .filter(side -> !side.isEmpty())
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw DamagedFile.error(file, "shape (" + sides + ")", "whole numbers");
    }
  }

  private static double[] transposed(double[] columnMajor, int rows, int columns) {
    double[] rowMajor = new double[columnMajor.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        rowMajor[row * columns + column] = columnMajor[column * rows + row];
      }
    }
    return rowMajor;
  }

  private static String text(int[] shape) {
    String sides = Arrays.stream(shape).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    return "(" + sides + (shape.length == 1 ? ",)" : ")");
  }
}
