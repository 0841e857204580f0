package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads Gaussians from PLY files in the layout of INRIA's implementation: text or binary, with
 * numbers of any type, properties in any order, and properties of others beside them.
 */
final class PlyReader {

  /** The longest number in a text. */
  private static final int MAX_WORD = 100;

  /** The log scale of an axis that a file of flat Gaussians leaves out. */
  private static final float FLAT = (float) Math.log(1e-6);

  private static final int NONE = -1;

  private final String file;
  private final InputStream in;
  private final PlyHeader header;
  private final long rest;

  private PlyReader(String file, InputStream in, PlyHeader header, long rest) {
    this.file = file;
    this.in = in;
    this.header = header;
    this.rest = rest;
  }

  /**
   * Reads a file.
   *
   * @param file names it in errors
   * @param in the file from its first byte, buffered
   * @param size the file's length in bytes
   * @return the cloud in the axes of the file
   * @throws IOException in one line naming the file
   */
  static GaussianCloud read(String file, InputStream in, long size) throws IOException {
    List<String> lines = new ArrayList<>();
    int bytes = 0;
    for (String line = line(in); !line.equals("end_header"); line = line(in)) {
      lines.add(line);
      bytes += line.length() + 1;
      if (bytes > PlyHeader.MAX_BYTES || (lines.size() == 1 && !line.equals("ply"))) {
        break; // The parser says what is wrong.
      }
    }
    if (bytes > PlyHeader.MAX_BYTES) {
      throw new IOException(
          file + ": its header has no end within " + PlyHeader.MAX_BYTES + " bytes");
    }
    bytes += "end_header\n".length();
    PlyHeader header;
    try {
      header = PlyHeader.parse(lines);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    return new PlyReader(file, in, header, Math.max(0, size - bytes)).cloud();
  }

  /** Returns a line without its end. A line longer than a header is cut there. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    for (; next != '\n' && line.length() <= PlyHeader.MAX_BYTES; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      line.append((char) next);
    }
    int length = line.length();
    return length > 0 && line.charAt(length - 1) == '\r'
        ? line.substring(0, length - 1)
        : line.toString();
  }

  /** Where the numbers of a Gaussian are among the properties of a vertex. */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares columns.
  private record Columns(
      int[] mean, int[] rotation, int[] logScale, int opacity, int[] constant, int[] harmonics) {}

  private GaussianCloud cloud() throws IOException {
    Columns columns = columns();
    checkSize();
    int harmonics = 1 + columns.harmonics().length / 3;
    CloudRows rows = CloudRows.of(file, header.count(), (int) Math.round(Math.sqrt(harmonics)) - 1);
    Values values = header.encoding() == PlyHeader.Encoding.TEXT ? new Text() : new Binary();
    values.skip();
    float[] row = new float[header.properties().size()];
    GaussianArrays to = rows.arrays();
    for (long i = 0; i < header.count(); i++) {
      values.read(row, i);
      int at = rows.next();
      copy(row, columns.mean(), to.means(), 3 * at, 0);
      copy(row, columns.rotation(), to.rotations(), 4 * at, 0);
      copy(row, columns.logScale(), to.logScales(), 3 * at, FLAT);
      to.opacityLogits()[at] = row[columns.opacity()];
      int sh = 3 * harmonics * at;
      copy(row, columns.constant(), to.sh(), sh, 0);
      // In the file all coefficients of red come first, then those of green, then of blue.
      for (int k = 1; k < harmonics; k++) {
        for (int c = 0; c < 3; c++) {
          to.sh()[sh + 3 * k + c] = row[columns.harmonics()[c * (harmonics - 1) + k - 1]];
        }
      }
      if (columns.rotation()[0] == NONE) {
        to.rotations()[4 * at] = 1;
      }
      rows.take();
    }
    return rows.cloud();
  }

  private static void copy(float[] row, int[] columns, float[] to, int start, float otherwise) {
    for (int k = 0; k < columns.length; k++) {
      to[start + k] = columns[k] == NONE ? otherwise : row[columns[k]];
    }
  }

  private Columns columns() throws IOException {
    List<String> names = List.copyOf(header.properties().keySet());
    int count = 0;
    while (names.contains("f_rest_" + count)) {
      count++;
    }
    long all = names.stream().filter(name -> name.startsWith("f_rest_")).count();
    if (all != count || (count != 0 && count != 9 && count != 24 && count != 45)) {
      throw new IOException(
          file
              + ": vertices have "
              + all
              + " properties f_rest_0, f_rest_1, …, expected 0, 9, 24 or 45");
    }
    String[] rest = new String[count];
    for (int i = 0; i < count; i++) {
      rest[i] = "f_rest_" + i;
    }
    boolean turned = names.stream().anyMatch(name -> name.startsWith("rot_"));
    int[] none = {NONE, NONE, NONE, NONE};
    int[] logScale = {NONE, NONE, NONE};
    logScale[0] = find(names, "scale_0");
    logScale[1] = find(names, "scale_1");
    logScale[2] = names.indexOf("scale_2");
    return new Columns(
        find(names, new String[] {"x", "y", "z"}),
        turned ? find(names, new String[] {"rot_0", "rot_1", "rot_2", "rot_3"}) : none,
        logScale,
        find(names, "opacity"),
        find(names, new String[] {"f_dc_0", "f_dc_1", "f_dc_2"}),
        find(names, rest));
  }

  private int[] find(List<String> names, String[] wanted) throws IOException {
    int[] columns = new int[wanted.length];
    for (int i = 0; i < wanted.length; i++) {
      columns[i] = find(names, wanted[i]);
    }
    return columns;
  }

  private int find(List<String> names, String wanted) throws IOException {
    int column = names.indexOf(wanted);
    if (column < 0) {
      throw new IOException(
          file
              + ": vertices have no property "
              + wanted
              + ", expected x, y, z, f_dc_0, …, opacity, scale_0, …, rot_0, … of Gaussians");
    }
    return column;
  }

  /** Checks that the file can hold what it claims. */
  private void checkSize() throws IOException {
    long count = header.count();
    // A number in a text has at least a digit and a space.
    long needed =
        header.encoding() == PlyHeader.Encoding.TEXT
            ? 2 * (header.skippedValues() + count * header.properties().size()) - 1
            : header.skippedBytes() + count * header.stride();
    if (needed > rest) {
      throw new IOException(
          file
              + ": claims "
              + count
              + " vertices, which need "
              + needed
              + " bytes, and has "
              + rest
              + " after its header");
    }
  }

  /** The numbers of the vertices. */
  private interface Values {
    /** Moves to the first vertex. */
    void skip() throws IOException;

    /** Reads the properties of vertex {@code i}, the next. */
    void read(float[] row, long i) throws IOException;
  }

  private final class Binary implements Values {
    private final PlyHeader.Type[] types =
        header.properties().values().toArray(new PlyHeader.Type[0]);
    private final byte[] bytes = new byte[header.stride()];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order());

    @Override
    public void skip() throws IOException {
      in.skipNBytes(header.skippedBytes());
    }

    @Override
    public void read(float[] row, long i) throws IOException {
      if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
        throw new EOFException();
      }
      buffer.clear();
      for (int k = 0; k < row.length; k++) {
        row[k] =
            switch (types[k]) {
              case INT8 -> buffer.get();
              case UINT8 -> buffer.get() & 0xFF;
              case INT16 -> buffer.getShort();
              case UINT16 -> buffer.getShort() & 0xFFFF;
              case INT32 -> buffer.getInt();
              case UINT32 -> buffer.getInt() & 0xFFFFFFFFL;
              case FLOAT32 -> buffer.getFloat();
              case FLOAT64 -> (float) buffer.getDouble();
            };
      }
    }
  }

  private ByteOrder order() {
    return header.encoding() == PlyHeader.Encoding.BIG_ENDIAN
        ? ByteOrder.BIG_ENDIAN
        : ByteOrder.LITTLE_ENDIAN;
  }

  private final class Text implements Values {
    @Override
    public void skip() throws IOException {
      for (long i = 0; i < header.skippedValues(); i++) {
        word();
      }
    }

    @Override
    public void read(float[] row, long i) throws IOException {
      for (int k = 0; k < row.length; k++) {
        String word = word();
        try {
          row[k] = number(word);
        } catch (NumberFormatException e) {
          String name = List.copyOf(header.properties().keySet()).get(k);
          throw new IOException(
              String.format(
                  "%s: property %s of vertex %d is %s, expected a number",
                  file, Json.quote(name), i, Json.quote(word)),
              e);
        }
      }
    }

    private float number(String word) {
      // As C writes them; Java's own names of these would be read as well.
      return switch (word) {
        case "nan", "-nan" -> Float.NaN;
        case "inf" -> Float.POSITIVE_INFINITY;
        case "-inf" -> Float.NEGATIVE_INFINITY;
        default -> Float.parseFloat(word);
      };
    }

    private String word() throws IOException {
      int next = in.read();
      while (next >= 0 && next <= ' ') {
        next = in.read();
      }
      byte[] word = new byte[MAX_WORD];
      int length = 0;
      for (; next > ' ' && length < MAX_WORD; next = in.read()) {
        word[length++] = (byte) next;
      }
      if (length == 0) {
        throw new EOFException();
      }
      return new String(word, 0, length, StandardCharsets.ISO_8859_1);
    }
  }
}
