package ai.fresnel.cvs.train.viewset;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes files atomically: under a temporary name in the same folder, then renamed. */
public final class AtomicFile {

  private AtomicFile() {}

  /**
   * Writes a file.
   *
   * @param file the file, in an existing folder; replaces an older file
   * @param content its bytes
   * @throws IOException naming the file if it cannot be written; an older file stays as it is
   */
  public static void write(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".writing");
    try {
      Files.write(temporary, content);
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // The message of a full disk does not name the file.
      throw new IOException(file + ": " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
