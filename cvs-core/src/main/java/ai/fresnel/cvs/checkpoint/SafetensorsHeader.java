package ai.fresnel.cvs.checkpoint;

import ai.fresnel.cvs.json.Json;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The JSON header of a safetensors file: the types, shapes and offsets of its tensors. It is parsed
 * as a stream, so that no tree is built from a file of another kind.
 *
 * @param tensors by name
 * @param metadata the file's free-form strings
 */
record SafetensorsHeader(SortedMap<String, Entry> tensors, SortedMap<String, String> metadata) {

  /** The reserved name under which the format keeps its metadata. */
  static final String METADATA = "__metadata__";

  private static final int MAX_RANK = 16;

  /**
   * One tensor.
   *
   * @param type its element type
   * @param shape its sizes, row-major; none for a scalar
   * @param begin first byte, counted from the end of the header
   * @param end one past the last byte
   */
  record Entry(SafetensorsType type, List<Long> shape, long begin, long end) {
    long bytes() {
      return end - begin;
    }
  }

  /** Parses and checks a header of a file that holds {@code dataBytes} after it. */
  static SafetensorsHeader parse(String text, long dataBytes, String file)
      throws ModelFormatException {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    SortedMap<String, Entry> tensors = new TreeMap<>();
    SortedMap<String, String> metadata = null;
    try {
      reader.beginObject();
      while (reader.hasNext()) {
        String name = reader.nextName();
        if (name.equals(METADATA)) {
          require(metadata == null, file, METADATA + " is there twice");
          metadata = metadata(reader, file);
        } else {
          String where = "tensor " + Json.quote(name);
          require(!tensors.containsKey(name), file, where + " is there twice");
          tensors.put(name, entry(reader, dataBytes, file, where));
        }
      }
      reader.endObject();
      require(reader.peek() == JsonToken.END_DOCUMENT, file, "text follows the header's object");
    } catch (ModelFormatException e) {
      throw e;
    } catch (IOException | IllegalStateException e) {
      throw new ModelFormatException(
          file + ": the header is not what safetensors says: " + Json.firstLine(e), e);
    }
    checkLayout(tensors, dataBytes, file);
    return new SafetensorsHeader(
        Collections.unmodifiableSortedMap(tensors),
        Collections.unmodifiableSortedMap(metadata == null ? new TreeMap<>() : metadata));
  }

  private static SortedMap<String, String> metadata(JsonReader reader, String file)
      throws IOException {
    SortedMap<String, String> metadata = new TreeMap<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String key = reader.nextName();
      String where = METADATA + " " + Json.quote(key);
      require(reader.peek() == JsonToken.STRING, file, where + " is not a string");
      require(metadata.put(key, reader.nextString()) == null, file, where + " is there twice");
    }
    reader.endObject();
    return metadata;
  }

  private static Entry entry(JsonReader reader, long dataBytes, String file, String where)
      throws IOException {
    require(reader.peek() == JsonToken.BEGIN_OBJECT, file, where + " is not an object");
    SafetensorsType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    reader.beginObject();
    while (reader.hasNext()) {
      String field = reader.nextName();
      switch (field) {
        case "dtype" -> {
          require(type == null, file, where + ": dtype is there twice");
          require(reader.peek() == JsonToken.STRING, file, where + ": dtype is not a string");
          String dtype = reader.nextString();
          type = SafetensorsType.named(dtype);
          require(type != null, file, where + ": unknown dtype " + Json.quote(dtype));
        }
        case "shape" -> {
          require(shape == null, file, where + ": shape is there twice");
          shape = integers(reader, MAX_RANK, file, where + ": shape");
        }
        case "data_offsets" -> {
          require(offsets == null, file, where + ": data_offsets is there twice");
          offsets = integers(reader, 2, file, where + ": data_offsets");
          require(offsets.size() == 2, file, where + ": data_offsets has not two values");
        }
        default ->
            throw new ModelFormatException(
                file + ": " + where + ": unknown field " + Json.quote(field));
      }
    }
    reader.endObject();
    require(type != null, file, where + ": dtype is missing");
    require(shape != null, file, where + ": shape is missing");
    require(offsets != null, file, where + ": data_offsets is missing");
    Entry entry = new Entry(type, List.copyOf(shape), offsets.get(0), offsets.get(1));
    String span = "bytes " + entry.begin() + " to " + entry.end();
    require(
        entry.begin() <= entry.end() && entry.end() <= dataBytes,
        file,
        where + ": " + span + " lie outside the file's " + dataBytes + " bytes of data");
    long expected = bytes(type, shape, file, where);
    require(
        expected == entry.bytes(),
        file,
        where + ": " + type + " of shape " + shape + " takes " + expected + " bytes, not " + span);
    return entry;
  }

  private static List<Long> integers(JsonReader reader, int most, String file, String where)
      throws IOException {
    require(reader.peek() == JsonToken.BEGIN_ARRAY, file, where + " is not a list");
    List<Long> values = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) {
      require(values.size() < most, file, where + " has more than " + most + " values");
      require(reader.peek() == JsonToken.NUMBER, file, where + " holds something not a number");
      String digits = reader.nextString();
      // 18 digits stay below 2^63; 1.0 and 1e3 are not integers here.
      require(
          digits.matches("[0-9]{1,18}"),
          file,
          where + " holds " + Json.quote(digits) + ", expected an integer from 0");
      values.add(Long.parseLong(digits));
    }
    reader.endArray();
    return values;
  }

  private static long bytes(SafetensorsType type, List<Long> shape, String file, String where)
      throws ModelFormatException {
    try {
      long bytes = type.bytes();
      for (long size : shape) {
        bytes = Math.multiplyExact(bytes, size);
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw new ModelFormatException(
          file + ": " + where + ": shape " + shape + " has more elements than a file can hold", e);
    }
  }

  /** Checks that the tensors fill the data without overlap, gap or rest. */
  private static void checkLayout(Map<String, Entry> tensors, long dataBytes, String file)
      throws ModelFormatException {
    List<Map.Entry<String, Entry>> ordered = new ArrayList<>(tensors.entrySet());
    ordered.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long position = 0;
    for (Map.Entry<String, Entry> next : ordered) {
      long begin = next.getValue().begin();
      require(
          begin == position,
          file,
          "tensor "
              + Json.quote(next.getKey())
              + (begin < position ? " overlaps another" : " follows a hole")
              + ": it begins at byte "
              + begin
              + ", expected "
              + position);
      position = next.getValue().end();
    }
    require(
        position == dataBytes,
        file,
        (dataBytes - position) + " bytes follow the last tensor, expected none");
  }

  /** Returns the header with another checksum in its metadata. */
  SafetensorsHeader withChecksum(String checksum) {
    SortedMap<String, String> changed = new TreeMap<>(metadata);
    changed.put(Checksum.NAME, checksum);
    return new SafetensorsHeader(tensors, changed);
  }

  /** Returns the header's text, names in order, without padding. */
  String toJson() {
    StringWriter text = new StringWriter();
    try {
      write(new JsonWriter(text));
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory cannot be written", e);
    }
    return text.toString();
  }

  private void write(JsonWriter writer) throws IOException {
    writer.beginObject();
    if (!metadata.isEmpty()) {
      writer.name(METADATA).beginObject();
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        writer.name(entry.getKey()).value(entry.getValue());
      }
      writer.endObject();
    }
    for (Map.Entry<String, Entry> tensor : tensors.entrySet()) {
      Entry entry = tensor.getValue();
      writer.name(tensor.getKey()).beginObject();
      writer.name("dtype").value(entry.type().name());
      writer.name("shape").beginArray();
      for (long size : entry.shape()) {
        writer.value(size);
      }
      writer.endArray();
      writer.name("data_offsets").beginArray();
      writer.value(entry.begin()).value(entry.end());
      writer.endArray().endObject();
    }
    writer.endObject();
  }

  private static void require(boolean holds, String file, String otherwise)
      throws ModelFormatException {
    if (!holds) {
      throw new ModelFormatException(file + ": " + otherwise);
    }
  }
}
