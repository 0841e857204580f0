package ai.fresnel.cvs.train.file;

import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A folder whose files name others. Such names may not lead out of the folder. The folder itself
 * may be given in any way: {@code .}, relative, or through a link.
 */
public final class DataFolder {

  private final Path folder;

  private DataFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the path of a folder absolute.
   *
   * @param folder the folder, which need not exist
   * @return the folder
   */
  public static DataFolder of(Path folder) {
    return new DataFolder(folder.toAbsolutePath().normalize());
  }

  /**
   * Returns the path.
   *
   * @return absolute and without {@code .} and {@code ..}
   */
  public Path path() {
    return folder;
  }

  /**
   * Resolves a name that was read from a file.
   *
   * @param name a path relative to the folder, or an absolute path in it
   * @return the file, which need not exist; absolute
   * @throws IOException if the name leads out of the folder, or is no file name
   */
  public Path file(String name) throws IOException {
    Path file;
    try {
      file = folder.resolve(name).normalize();
    } catch (InvalidPathException e) {
      throw new IOException(folder + ": " + Json.quote(name) + " is no file name", e);
    }
    if (file.startsWith(folder)) {
      return file;
    }
    // The absolute path may go through a link to the folder, or the folder's through one.
    if (Path.of(name).isAbsolute() && Files.exists(file) && Files.isDirectory(folder)) {
      Path real = file.toRealPath();
      if (real.startsWith(folder.toRealPath())) {
        return real;
      }
    }
    throw new IOException(folder + ": " + Json.quote(name) + " leads out of the folder");
  }

  /**
   * Returns the path of a file as it is named in the folder.
   *
   * @param file a file
   * @return relative to the folder if the file is in it, with {@code /} between the parts
   */
  public String name(Path file) {
    Path path = file.startsWith(folder) ? folder.relativize(file) : file;
    return path.toString().replace(path.getFileSystem().getSeparator(), "/");
  }
}
