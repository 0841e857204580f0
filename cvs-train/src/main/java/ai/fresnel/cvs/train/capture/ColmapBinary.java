package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.TextFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads COLMAP's binary files, which are little-endian. */
final class ColmapBinary {

  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_NAME = 4096;
  private static final long MAX_POINTS = 1L << 26;

  private ColmapBinary() {}

  private interface Parser {
    void parse(DataInputStream in) throws IOException;
  }

  private static void parse(Path file, Parser parser) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": is missing");
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      parser.parse(in);
    } catch (IOException | IllegalArgumentException e) {
      throw TextFile.problem(file, e);
    }
  }

  static void cameras(Path file, ColmapCameras cameras) throws IOException {
    parse(
        file,
        in -> {
          long count = count(in);
          for (long i = 0; i < count; i++) {
            long id = Integer.toUnsignedLong(integer(in));
            // Without the model it is not known where the next camera starts.
            ColmapCameras.Model model = ColmapCameras.Model.of(integer(in));
            double[] size = {longInteger(in), longInteger(in)};
            cameras.add(id, model, size, numbers(in, model.parameters()));
          }
        });
  }

  static void images(Path file, ColmapModel model) throws IOException {
    parse(
        file,
        in -> {
          long count = count(in);
          for (long i = 0; i < count; i++) {
            integer(in);
            double[] values = numbers(in, 7);
            long camera = Integer.toUnsignedLong(integer(in));
            String name = name(in);
            try {
              model.add(name, values, camera);
            } catch (IllegalArgumentException e) {
              model.refuse(name, e.getMessage());
            }
            long points = longInteger(in);
            if (points < 0 || points > MAX_POINTS) {
              throw new IllegalArgumentException(points + " points in one image");
            }
            in.skipNBytes(24 * points);
          }
        });
  }

  private static String name(DataInputStream in) throws IOException {
    byte[] name = new byte[MAX_NAME];
    int length = 0;
    for (byte letter = in.readByte(); letter != 0; letter = in.readByte()) {
      if (length == MAX_NAME) {
        throw new IllegalArgumentException("an image's name has no end");
      }
      name[length++] = letter;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  private static long count(DataInputStream in) throws IOException {
    long count = longInteger(in);
    if (count < 0 || count > MAX_ENTRIES) {
      throw new IllegalArgumentException(count + " entries, expected 0 to " + MAX_ENTRIES);
    }
    return count;
  }

  private static int integer(DataInputStream in) throws IOException {
    return Integer.reverseBytes(in.readInt());
  }

  private static long longInteger(DataInputStream in) throws IOException {
    return Long.reverseBytes(in.readLong());
  }

  private static double[] numbers(DataInputStream in, int count) throws IOException {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = Double.longBitsToDouble(longInteger(in));
    }
    return numbers;
  }
}
