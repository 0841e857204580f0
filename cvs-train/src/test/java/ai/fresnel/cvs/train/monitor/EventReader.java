package ai.fresnel.cvs.train.monitor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads event files back, by the rules TensorBoard reads them by: a slow and obvious reference. */
public final class EventReader {

  /** Curve to step to value. */
  public final Map<String, TreeMap<Long, Float>> scalars = new LinkedHashMap<>();

  /** Series to step to PNG. */
  public final Map<String, TreeMap<Long, byte[]>> images = new LinkedHashMap<>();

  private EventReader() {}

  /** Reads all files of a folder in the order of their names. */
  public static EventReader read(Path folder) throws IOException {
    EventReader reader = new EventReader();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        reader.records(Files.readAllBytes(file));
      }
    }
    return reader;
  }

  private void records(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (in.remaining() >= 12) {
      int length = (int) in.getLong();
      in.getInt();
      if (in.remaining() < length + 4) {
        return;
      }
      byte[] record = new byte[length];
      in.get(record);
      in.getInt();
      event(record);
    }
  }

  private static final class Field {
    final int number;
    final long value;
    final byte[] bytes;

    Field(int number, long value, byte[] bytes) {
      this.number = number;
      this.value = value;
      this.bytes = bytes;
    }
  }

  private static List<Field> fields(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      long key = varint(in);
      int number = (int) (key >> 3);
      switch ((int) (key & 7)) {
        case 0 -> fields.add(new Field(number, varint(in), null));
        case 1 -> fields.add(new Field(number, in.getLong(), null));
        case 2 -> {
          byte[] bytes = new byte[(int) varint(in)];
          in.get(bytes);
          fields.add(new Field(number, 0, bytes));
        }
        case 5 -> fields.add(new Field(number, in.getInt(), null));
        default -> throw new AssertionError("wire type of key " + key);
      }
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private void event(byte[] record) {
    long step = 0;
    for (Field field : fields(record)) {
      if (field.number == 2) {
        step = field.value;
      } else if (field.number == 7) {
        // A session that starts at a step replaces all from there on.
        for (Map<String, ? extends TreeMap<Long, ?>> series : List.of(scalars, images)) {
          for (TreeMap<Long, ?> points : series.values()) {
            points.tailMap(step).clear();
          }
        }
      } else if (field.number == 5) {
        for (Field value : fields(field.bytes)) {
          value(step, fields(value.bytes));
        }
      }
    }
  }

  private void value(long step, List<Field> value) {
    String tag = "";
    for (Field field : value) {
      if (field.number == 1) {
        tag = new String(field.bytes, StandardCharsets.UTF_8);
      } else if (field.number == 2) {
        float number = Float.intBitsToFloat((int) field.value);
        scalars.computeIfAbsent(tag, t -> new TreeMap<>()).put(step, number);
      } else if (field.number == 4) {
        for (Field part : fields(field.bytes)) {
          if (part.number == 4) {
            images.computeIfAbsent(tag, t -> new TreeMap<>()).put(step, part.bytes);
          }
        }
      }
    }
  }
}
