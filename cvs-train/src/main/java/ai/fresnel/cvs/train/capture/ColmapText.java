package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.train.file.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.StringTokenizer;

/** Reads COLMAP's text files. A line that cannot be read is left out and counted. */
final class ColmapText {

  private static final long MAX_BYTES = 1L << 28;

  /** The words of an image's line: number, quaternion, translation, camera and name. */
  private static final int IMAGE_WORDS = 10;

  private ColmapText() {}

  static void cameras(Path file, ColmapCameras cameras) throws IOException {
    try (BufferedReader in = TextFile.open(file, MAX_BYTES)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        camera(file, line, cameras);
      }
    } catch (IOException e) {
      throw TextFile.problem(file, e);
    }
  }

  private static void camera(Path file, String line, ColmapCameras cameras) throws IOException {
    String[] words = line.trim().split("\\s+");
    long id;
    try {
      id = Long.parseLong(words[0]);
    } catch (NumberFormatException e) {
      throw new IOException("camera " + Json.quote(words[0]) + ", expected a number", e);
    }
    try {
      if (words.length < 4) {
        throw new IllegalArgumentException("is cut off");
      }
      ColmapCameras.Model model = ColmapCameras.Model.of(words[1]);
      if (words.length < 4 + model.parameters()) {
        throw new IllegalArgumentException(
            (words.length - 4) + " parameters, expected " + model.parameters());
      }
      cameras.add(id, model, numbers(words, 2, 2), numbers(words, 4, model.parameters()));
    } catch (IllegalArgumentException e) {
      cameras.refuse(id, e.getMessage() + " (camera " + id + " of " + file.getFileName() + ")");
    }
  }

  /**
   * Reads two lines for each image; the second holds its points and may be empty, or is missing in
   * files of other programs.
   */
  static void images(Path file, ColmapModel model) throws IOException {
    int number = 0;
    boolean afterImage = false;
    try (BufferedReader in = TextFile.open(file, MAX_BYTES)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        boolean points = afterImage && isPoints(line);
        afterImage = false;
        if (points || line.isBlank() || line.startsWith("#")) {
          continue;
        }
        // A name may contain spaces.
        String[] words = line.trim().split("\\s+", IMAGE_WORDS);
        String name =
            words.length < IMAGE_WORDS
                ? String.format(Locale.ROOT, "line %d of %s", number, file.getFileName())
                : words[IMAGE_WORDS - 1];
        try {
          if (words.length < IMAGE_WORDS) {
            throw new IllegalArgumentException("is cut off, expected " + IMAGE_WORDS + " words");
          }
          model.add(name, numbers(words, 1, 7), camera(words[8]));
          afterImage = true;
        } catch (IllegalArgumentException e) {
          model.refuse(name, e.getMessage());
          afterImage = words.length == IMAGE_WORDS;
        }
      }
    } catch (IOException e) {
      throw TextFile.problem(file, e);
    }
  }

  /**
   * Says whether a line holds points: triples of x, y and a number, or nothing. The tenth word of
   * an image's line is its name.
   */
  private static boolean isPoints(String line) {
    if (line.isBlank()) {
      return true;
    }
    String[] words = line.trim().split("\\s+", IMAGE_WORDS + 1);
    for (int i = 0; i < Math.min(words.length, IMAGE_WORDS); i++) {
      if (!words[i].matches("[-+0-9.eE]+|[-+]?(nan|inf)")) {
        return false;
      }
    }
    return new StringTokenizer(line).countTokens() % 3 == 0;
  }

  private static long camera(String word) {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "names camera " + Json.quote(word) + ", expected a number", e);
    }
  }

  private static double[] numbers(String[] words, int from, int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      String word = words[from + i];
      try {
        numbers[i] = Double.parseDouble(word);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(Json.quote(word) + ", expected a number", e);
      }
    }
    return numbers;
  }
}
