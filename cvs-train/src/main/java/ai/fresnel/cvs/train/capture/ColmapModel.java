package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.ColmapPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the cameras and images of a COLMAP model (Schönberger and Frahm 2016) from its binary or
 * text files. Ignores the points.
 */
final class ColmapModel {

  private static final int MAX_CAMERAS = 1_000_000;
  private static final int MAX_NAME = 4096;
  private static final long MAX_TEXT_BYTES = 1L << 28;
  private static final long MAX_POINTS = 1L << 26;

  /**
   * The names of the camera models, at the index that is COLMAP's number. Those without a number of
   * parameters are not supported.
   */
  private static final List<String> MODELS =
      List.of(
          "SIMPLE_PINHOLE",
          "PINHOLE",
          "SIMPLE_RADIAL",
          "RADIAL",
          "OPENCV",
          "OPENCV_FISHEYE",
          "FULL_OPENCV",
          "FOV",
          "SIMPLE_RADIAL_FISHEYE",
          "RADIAL_FISHEYE",
          "THIN_PRISM_FISHEYE");

  /** The number of parameters of each supported model. */
  private static final int[] PARAMETERS = {3, 4, 4, 5, 8};

  private final Map<Long, CaptureLens> lenses = new HashMap<>();
  private final List<Image> images = new ArrayList<>();

  private ColmapModel() {}

  /** An image with its camera. */
  record Image(String name, CameraPose pose, CaptureLens lens) {}

  static boolean isAt(Path folder) {
    return Files.isRegularFile(folder.resolve("cameras.bin"))
        || Files.isRegularFile(folder.resolve("cameras.txt"));
  }

  /** Returns the images, sorted by name. */
  static List<Image> read(Path folder) throws IOException {
    ColmapModel model = new ColmapModel();
    if (Files.isRegularFile(folder.resolve("cameras.bin"))) {
      parse(folder.resolve("cameras.bin"), file -> binary(file, model::binaryCameras));
      parse(folder.resolve("images.bin"), file -> binary(file, model::binaryImages));
    } else {
      parse(folder.resolve("cameras.txt"), file -> text(file, model::textCameras));
      parse(folder.resolve("images.txt"), file -> text(file, model::textImages));
    }
    model.images.sort(Comparator.comparing(Image::name));
    return model.images;
  }

  private interface Parser<T> {
    void parse(T from) throws IOException;
  }

  private static void parse(Path file, Parser<Path> parser) throws IOException {
    try {
      parser.parse(file);
    } catch (EOFException e) {
      throw new IOException(file + ": is cut off", e);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static void binary(Path file, Parser<DataInputStream> parser) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      parser.parse(in);
    }
  }

  private static void text(Path file, Parser<BufferedReader> parser) throws IOException {
    long size = Files.size(file);
    if (size > MAX_TEXT_BYTES) {
      throw new IOException(file + ": " + size + " bytes, expected at most " + MAX_TEXT_BYTES);
    }
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      parser.parse(in);
    }
  }

  private void binaryCameras(DataInputStream in) throws IOException {
    long count = count(in);
    for (long i = 0; i < count; i++) {
      long id = Integer.toUnsignedLong(integer(in));
      int model = integer(in);
      int width = size(Long.reverseBytes(in.readLong()));
      int height = size(Long.reverseBytes(in.readLong()));
      double[] parameters = new double[parameterCount(model)];
      for (int k = 0; k < parameters.length; k++) {
        parameters[k] = number(in);
      }
      lenses.put(id, lens(model, width, height, parameters));
    }
  }

  private void binaryImages(DataInputStream in) throws IOException {
    long count = count(in);
    for (long i = 0; i < count; i++) {
      integer(in);
      double[] values = new double[7];
      for (int k = 0; k < 7; k++) {
        values[k] = number(in);
      }
      long camera = Integer.toUnsignedLong(integer(in));
      byte[] name = new byte[MAX_NAME];
      int length = 0;
      for (byte letter = in.readByte(); letter != 0; letter = in.readByte()) {
        if (length == MAX_NAME) {
          throw new IllegalArgumentException("an image's name has no end");
        }
        name[length++] = letter;
      }
      add(new String(name, 0, length, StandardCharsets.UTF_8), values, camera);
      long points = Long.reverseBytes(in.readLong());
      if (points < 0 || points > MAX_POINTS) {
        throw new IllegalArgumentException(points + " points in one image");
      }
      in.skipNBytes(24 * points);
    }
  }

  private void textCameras(BufferedReader in) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.trim().split("\\s+");
      int model = MODELS.indexOf(words[1]);
      int parameters = parameterCount(model);
      CaptureLens lens =
          lens(
              model,
              size(Long.parseLong(words[2])),
              size(Long.parseLong(words[3])),
              numbers(words, 4, parameters));
      lenses.put(Long.parseLong(words[0]), lens);
    }
  }

  /** Reads two lines for each image; the second holds its points and may be empty. */
  private void textImages(BufferedReader in) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      // A name may contain spaces.
      String[] words = line.trim().split("\\s+", 10);
      add(words[9], numbers(words, 1, 7), Long.parseLong(words[8]));
      in.readLine();
    }
  }

  private void add(String name, double[] values, long camera) {
    CaptureLens lens = lenses.get(camera);
    if (lens == null) {
      throw new IllegalArgumentException("image " + name + " names camera " + camera);
    }
    double[] quaternion = {values[0], values[1], values[2], values[3]};
    double[] translation = {values[4], values[5], values[6]};
    images.add(new Image(name, ColmapPose.toCameraPose(quaternion, translation), lens));
  }

  private static int parameterCount(int model) {
    if (model < 0 || model >= PARAMETERS.length) {
      String name = model >= 0 && model < MODELS.size() ? MODELS.get(model) : "number " + model;
      throw new IllegalArgumentException(
          "camera model " + name + " is not supported, expected a pinhole or OpenCV's distortion");
    }
    return PARAMETERS[model];
  }

  private static CaptureLens lens(int model, int width, int height, double[] p) {
    boolean oneFocal = model == 0 || model == 2 || model == 3;
    int at = oneFocal ? 1 : 2;
    Intrinsics pinhole =
        new Intrinsics(p[0], oneFocal ? p[0] : p[1], p[at], p[at + 1], width, height);
    double[] distortion = new double[4];
    System.arraycopy(p, at + 2, distortion, 0, p.length - at - 2);
    return new CaptureLens(
        pinhole,
        BrownDistortion.of(List.of(distortion[0], distortion[1]), distortion[2], distortion[3]));
  }

  private static long count(DataInputStream in) throws IOException {
    long count = Long.reverseBytes(in.readLong());
    if (count < 0 || count > MAX_CAMERAS) {
      throw new IllegalArgumentException(count + " entries, expected 0 to " + MAX_CAMERAS);
    }
    return count;
  }

  private static int size(long pixels) {
    if (pixels < 1 || pixels > 1 << 16) {
      throw new IllegalArgumentException("image side of " + pixels + " pixels");
    }
    return (int) pixels;
  }

  private static int integer(DataInputStream in) throws IOException {
    return Integer.reverseBytes(in.readInt());
  }

  private static double number(DataInputStream in) throws IOException {
    return Double.longBitsToDouble(Long.reverseBytes(in.readLong()));
  }

  private static double[] numbers(String[] words, int from, int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = Double.parseDouble(words[from + i]);
    }
    return numbers;
  }
}
