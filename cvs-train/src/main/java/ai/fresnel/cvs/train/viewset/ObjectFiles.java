package ai.fresnel.cvs.train.viewset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of an object of a view set, in a folder or in a shard. */
abstract class ObjectFiles {

  /** Says whether there is a file of this name. */
  abstract boolean has(String name);

  /**
   * Reads a file.
   *
   * @throws IOException naming it if it is longer than {@code maxBytes} or cannot be read
   */
  abstract byte[] read(String name, long maxBytes) throws IOException;

  /** Returns the path of a file for messages. */
  abstract Path path(String name);

  /** Returns the files of a folder. */
  static ObjectFiles of(Path folder) {
    return new Folder(folder);
  }

  private static final class Folder extends ObjectFiles {

    private final Path folder;

    Folder(Path folder) {
      this.folder = folder;
    }

    @Override
    boolean has(String name) {
      // A pipe would never end.
      return Files.isRegularFile(folder.resolve(name));
    }

    @Override
    byte[] read(String name, long maxBytes) throws IOException {
      Path file = folder.resolve(name);
      if (!has(name)) {
        throw DamagedFile.error(file, "no such file", "one in the view set");
      }
      long size = Files.size(file);
      if (size > maxBytes) {
        throw DamagedFile.error(file, size + " bytes", "at most " + maxBytes);
      }
      return Files.readAllBytes(file);
    }

    @Override
    Path path(String name) {
      return folder.resolve(name);
    }
  }
}
