package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a PLY file: the properties of its vertices and where they begin.
 *
 * @param encoding how the numbers are written
 * @param count the number of vertices, as the file claims
 * @param properties the types of the vertices' properties by name, in the order of the file
 * @param skippedBytes bytes of the elements before the vertices; 0 in a text
 * @param skippedValues numbers of the elements before the vertices
 */
record PlyHeader(
    Encoding encoding,
    long count,
    Map<String, Type> properties,
    long skippedBytes,
    long skippedValues) {

  /** The longest header. */
  static final int MAX_BYTES = 1 << 16;

  private static final long MAX_COUNT = Integer.MAX_VALUE;

  /** How numbers are written. */
  enum Encoding {
    TEXT,
    LITTLE_ENDIAN,
    BIG_ENDIAN
  }

  /** The type of a property. */
  enum Type {
    INT8(1, "char", "int8"),
    UINT8(1, "uchar", "uint8"),
    INT16(2, "short", "int16"),
    UINT16(2, "ushort", "uint16"),
    INT32(4, "int", "int32"),
    UINT32(4, "uint", "uint32"),
    FLOAT32(4, "float", "float32"),
    FLOAT64(8, "double", "float64");

    final int bytes;
    private final String name;
    private final String sized;

    Type(int bytes, String name, String sized) {
      this.bytes = bytes;
      this.name = name;
      this.sized = sized;
    }

    static Type of(String word) throws IOException {
      for (Type type : values()) {
        if (type.name.equals(word) || type.sized.equals(word)) {
          return type;
        }
      }
      throw new IOException("type " + Json.quote(word) + " of a property, expected a PLY type");
    }
  }

  /** An element of the file. */
  private static final class Element {
    final String name;
    final long count;
    final Map<String, Type> properties = new LinkedHashMap<>();
    boolean hasList;

    Element(String name, long count) {
      this.name = name;
      this.count = count;
    }

    long stride() {
      return properties.values().stream().mapToLong(type -> type.bytes).sum();
    }
  }

  /**
   * Parses a header.
   *
   * @param lines the lines before {@code end_header}
   * @throws IOException saying what is wrong, without the file's name
   */
  static PlyHeader parse(List<String> lines) throws IOException {
    if (lines.isEmpty() || !lines.get(0).equals("ply")) {
      throw new IOException("no PLY file, expected \"ply\" in its first line");
    }
    Encoding encoding = null;
    List<Element> elements = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] words = line.strip().split("\\s+", -1);
      switch (words[0]) {
        case "format" -> encoding = encoding(words);
        case "element" -> elements.add(element(words, line));
        case "property" -> {
          if (elements.isEmpty()) {
            throw new IOException("a property before the first element");
          }
          addProperty(elements.get(elements.size() - 1), words, line);
        }
        case "comment", "obj_info", "" -> {}
        default -> throw new IOException("header line " + Json.quote(line) + " is unknown");
      }
    }
    if (encoding == null) {
      throw new IOException("no line says the format");
    }
    return vertices(encoding, elements);
  }

  private static PlyHeader vertices(Encoding encoding, List<Element> elements) throws IOException {
    long skippedBytes = 0;
    long skippedValues = 0;
    for (Element element : elements) {
      if (element.name.equals("vertex")) {
        if (element.hasList) {
          throw new IOException("vertices have a list, expected numbers");
        }
        return new PlyHeader(
            encoding, element.count, element.properties, skippedBytes, skippedValues);
      }
      if (element.hasList) {
        throw new IOException(
            "element " + Json.quote(element.name) + " with a list before the vertices");
      }
      // At most 2^31 elements of 2^16 properties each.
      skippedBytes += encoding == Encoding.TEXT ? 0 : element.count * element.stride();
      skippedValues += element.count * element.properties.size();
    }
    throw new IOException("no element \"vertex\"");
  }

  private static Encoding encoding(String[] words) throws IOException {
    String name = words.length > 1 ? words[1] : "";
    String version = words.length > 2 ? words[2] : "";
    if (!version.equals("1.0")) {
      throw new IOException("version " + Json.quote(version) + " of PLY, expected 1.0");
    }
    return switch (name) {
      case "ascii" -> Encoding.TEXT;
      case "binary_little_endian" -> Encoding.LITTLE_ENDIAN;
      case "binary_big_endian" -> Encoding.BIG_ENDIAN;
      default ->
          throw new IOException(
              "format "
                  + Json.quote(name)
                  + ", expected ascii, binary_little_endian or binary_big_endian");
    };
  }

  private static Element element(String[] words, String line) throws IOException {
    long count = -1;
    if (words.length == 3 && words[2].matches("[0-9]{1,10}")) {
      count = Long.parseLong(words[2]);
    }
    if (count < 0 || count > MAX_COUNT) {
      throw new IOException(
          "header line " + Json.quote(line) + ", expected a name and a number up to " + MAX_COUNT);
    }
    return new Element(words[1], count);
  }

  private static void addProperty(Element element, String[] words, String line) throws IOException {
    if (words.length == 5 && words[1].equals("list")) {
      element.hasList = true;
      return;
    }
    if (words.length != 3) {
      throw new IOException("header line " + Json.quote(line) + ", expected a type and a name");
    }
    if (element.properties.put(words[2], Type.of(words[1])) != null) {
      throw new IOException("property " + Json.quote(words[2]) + " is there twice");
    }
  }

  /** Returns the bytes of a vertex in a binary file. */
  int stride() {
    return properties.values().stream().mapToInt(type -> type.bytes).sum();
  }
}
