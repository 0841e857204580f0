package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the points of a COLMAP model: {@code points3D.bin} or {@code points3D.txt} (Schönberger and
 * Frahm 2016).
 */
public final class ColmapPoints {
  private static final List<String> NAMES = List.of("points3D.bin", "points3D.txt");

  /** Larger reconstructions are no objects. */
  private static final int MAX_POINTS = 10_000_000;

  private static final int MAX_LINE = 1 << 20;

  /** Bytes of an entry of a track. */
  private static final long TRACK_BYTES = 8;

  private float[] positions = new float[3 << 10];
  private float[] colours = new float[3 << 10];
  private int count;

  private ColmapPoints() {}

  /**
   * Finds and reads the points of a capture: the largest file in {@code sparse/0}, {@code
   * sparse/1}, …, {@code sparse} or the folder itself.
   *
   * @param capture the capture's folder
   * @return the points in the capture's world; empty if there is no such file
   * @throws IOException in one line naming the file, if it is damaged
   */
  public static Optional<InitialPoints> find(Path capture) throws IOException {
    Path largest = null;
    for (Path folder : folders(capture)) {
      for (String name : NAMES) {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file)
            && (largest == null || Files.size(file) > Files.size(largest))) {
          largest = file;
        }
      }
    }
    return largest == null ? Optional.empty() : Optional.of(read(largest));
  }

  private static List<Path> folders(Path capture) throws IOException {
    List<Path> folders = new ArrayList<>(List.of(capture));
    Path sparse = capture.resolve("sparse");
    if (Files.isDirectory(sparse)) {
      folders.add(sparse);
      try (Stream<Path> inside = Files.list(sparse)) {
        inside.filter(Files::isDirectory).sorted().forEach(folders::add);
      }
    }
    return folders;
  }

  /**
   * Reads a file.
   *
   * @param file {@code points3D.bin} or {@code points3D.txt}
   * @return the points, in the file's order
   * @throws IOException in one line naming the file, if it is damaged
   */
  public static InitialPoints read(Path file) throws IOException {
    ColmapPoints points = new ColmapPoints();
    try {
      if (file.getFileName().toString().endsWith(".bin")) {
        points.readBinary(file);
      } else {
        points.readText(file);
      }
    } catch (EOFException e) {
      throw new IOException(file + ": ends within point " + points.count, e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": point " + points.count + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw AtomicFiles.named(e, file);
    }
    return new InitialPoints(
        Arrays.copyOf(points.positions, 3 * points.count),
        Arrays.copyOf(points.colours, 3 * points.count));
  }

  private void readBinary(Path file) throws IOException {
    long size = Files.size(file);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      long expected = Long.reverseBytes(in.readLong());
      requireCount(expected);
      for (long i = 0; i < expected; i++) {
        in.readLong();
        double x = Double.longBitsToDouble(Long.reverseBytes(in.readLong()));
        double y = Double.longBitsToDouble(Long.reverseBytes(in.readLong()));
        double z = Double.longBitsToDouble(Long.reverseBytes(in.readLong()));
        int red = in.readUnsignedByte();
        int green = in.readUnsignedByte();
        int blue = in.readUnsignedByte();
        in.readLong();
        long track = Long.reverseBytes(in.readLong());
        if (track < 0 || track > size / TRACK_BYTES) {
          throw new IllegalArgumentException("track of " + track + " images");
        }
        in.skipNBytes(TRACK_BYTES * track);
        add(x, y, z, red, green, blue);
      }
    }
  }

  private void readText(Path file) throws IOException {
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      StringBuilder line = new StringBuilder();
      int character;
      do {
        character = in.read();
        if (character != '\n' && character >= 0) {
          if (line.length() == MAX_LINE) {
            throw new IllegalArgumentException("a line of more than " + MAX_LINE + " characters");
          }
          line.append((char) character);
        } else {
          addLine(line.toString().strip());
          line.setLength(0);
        }
      } while (character >= 0);
    }
  }

  private void addLine(String line) {
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    String[] fields = line.split("\\s+", 9);
    if (fields.length < 8) {
      throw new IllegalArgumentException(fields.length + " fields, expected 8 or more");
    }
    requireCount(count + 1L);
    add(
        Double.parseDouble(fields[1]),
        Double.parseDouble(fields[2]),
        Double.parseDouble(fields[3]),
        colour(fields[4]),
        colour(fields[5]),
        colour(fields[6]));
  }

  private static int colour(String field) {
    int value = Integer.parseInt(field);
    if (value < 0 || value > 255) {
      throw new IllegalArgumentException("colour is " + value + ", expected 0 to 255");
    }
    return value;
  }

  private static void requireCount(long points) {
    if (points < 0 || points > MAX_POINTS) {
      throw new IllegalArgumentException(points + " points, expected 0 to " + MAX_POINTS);
    }
  }

  /** Adds a point; grows with the points that are there, not with those that are announced. */
  private void add(double x, double y, double z, int red, int green, int blue) {
    if (!Float.isFinite((float) x) || !Float.isFinite((float) y) || !Float.isFinite((float) z)) {
      throw new IllegalArgumentException("position is not finite");
    }
    if (3 * count == positions.length) {
      positions = Arrays.copyOf(positions, 2 * positions.length);
      colours = Arrays.copyOf(colours, 2 * colours.length);
    }
    int at = 3 * count++;
    positions[at] = (float) x;
    positions[at + 1] = (float) y;
    positions[at + 2] = (float) z;
    colours[at] = red / 255f;
    colours[at + 1] = green / 255f;
    colours[at + 2] = blue / 255f;
  }
}
