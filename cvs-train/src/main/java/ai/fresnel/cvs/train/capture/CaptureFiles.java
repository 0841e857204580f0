package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the files and folders of a capture. */
final class CaptureFiles {

  private CaptureFiles() {}

  /**
   * Finds a file that a frame needs.
   *
   * @throws IOException naming it as the capture does, if it is missing or leads out of the folder
   */
  static Path existing(DataFolder folder, String name) throws IOException {
    Path file = folder.file(name);
    if (!Files.isRegularFile(file)) {
      throw new IOException(name + ": is missing");
    }
    return file;
  }

  /** Finds the mask of an image by the names that COLMAP and MVImgNet use. */
  static Optional<Path> mask(DataFolder folder, String image) throws IOException {
    int dot = image.lastIndexOf('.');
    String stem = dot > 0 ? image.substring(0, dot) : image;
    for (String name : List.of(image + ".png", image, stem + ".png")) {
      Path file = folder.file(name);
      if (Files.isRegularFile(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** Lists the folders in a folder, sorted. */
  static List<Path> folders(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(Files::isDirectory).sorted().toList();
    }
  }

  /** Makes an object id, which can be a folder name, from a folder. */
  static String id(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return id(name == null ? "" : name.toString());
  }

  /** Makes an object id, which can be a folder name, from a name. */
  static String id(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9._-]+", "_").replaceFirst("^[^A-Za-z0-9]+", "");
    return safe.isEmpty() ? "capture" : safe.substring(0, Math.min(safe.length(), 180));
  }
}
