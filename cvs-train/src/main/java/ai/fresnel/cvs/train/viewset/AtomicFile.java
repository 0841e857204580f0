package ai.fresnel.cvs.train.viewset;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes files whole or not at all: under a temporary name beside them, then renamed. */
public final class AtomicFile {

  private AtomicFile() {}

  /**
   * Writes a file.
   *
   * @param file the file, in a folder that exists; an older one is replaced
   * @param content its bytes
   * @throws IOException naming the file if it cannot be written; an older one is as before then
   */
  public static void write(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".writing");
    try {
      Files.write(temporary, content);
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // A full disk says nothing of where.
      throw new IOException(file + ": " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
