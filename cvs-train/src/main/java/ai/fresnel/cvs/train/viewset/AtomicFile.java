package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;

/** Writes files atomically: under a temporary name in the same folder, then renamed. */
public final class AtomicFile {

  private AtomicFile() {}

  /**
   * Writes a file that can be made again, without flushing it to the disk.
   *
   * @param file the file, in an existing folder; replaces an older file
   * @param content its bytes
   * @throws IOException naming the file if it cannot be written; an older file stays as it is
   */
  public static void write(Path file, byte[] content) throws IOException {
    AtomicFiles.writeUnflushed(file, content);
  }
}
