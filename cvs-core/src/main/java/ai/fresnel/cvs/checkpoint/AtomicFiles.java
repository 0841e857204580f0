package ai.fresnel.cvs.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes files completely or not at all, even if the power fails. */
public final class AtomicFiles {
  private AtomicFiles() {}

  /** The content of a file. */
  @FunctionalInterface
  public interface Content {

    /**
     * Writes the content.
     *
     * @param channel the new file, empty
     * @throws IOException if it cannot be written
     */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes a file under a temporary name in the same folder, flushes it and renames it.
   *
   * @param path the file, which is replaced if it exists
   * @param content the content
   * @throws IOException if it cannot be written; the old file stays
   */
  public static void write(Path path, Content content) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    // Not Files.createTempFile, whose files only their owner may read.
    Path temporary = folder.resolve(temporaryPrefix(path) + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    flushFolder(folder);
  }

  /**
   * Writes a text file, as {@link #write(Path, Content)} does.
   *
   * @param path the file, which is replaced if it exists
   * @param text the text, written as UTF-8
   * @throws IOException if it cannot be written; the old file stays
   */
  public static void write(Path path, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    write(
        path,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /**
   * Deletes what killed processes left of their writes of a file. Nobody else may write the file
   * meanwhile: see {@link FolderLock}.
   *
   * @param path the file, which itself stays and may be missing
   * @throws IOException if a file cannot be deleted
   */
  public static void deleteLeftovers(Path path) throws IOException {
    String prefix = temporaryPrefix(path);
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(
            path.toAbsolutePath().getParent(),
            one -> one.getFileName().toString().startsWith(prefix))) {
      for (Path leftover : leftovers) {
        Files.delete(leftover);
      }
    }
  }

  private static String temporaryPrefix(Path path) {
    return "." + path.getFileName() + ".";
  }

  /**
   * Flushes a folder, so that renames in it survive a power failure. Does nothing where a folder
   * cannot be opened or flushed.
   *
   * @param folder the folder
   * @throws IOException if it is not a folder
   */
  public static void flushFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(folder + " is not a folder");
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no folders, and some network file systems flush none.
      return;
    }
  }
}
