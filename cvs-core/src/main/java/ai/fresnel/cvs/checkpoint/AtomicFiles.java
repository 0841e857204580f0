package ai.fresnel.cvs.checkpoint;

import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes files completely or not at all, even if the power fails. Every error names the file: that
 * of a full disk does not by itself.
 */
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
   * @throws IOException naming the file if it cannot be written; the old file stays
   */
  public static void write(Path path, Content content) throws IOException {
    write(path, content, Finish.flushed(() -> {}));
  }

  /**
   * Writes a file, as {@link #write(Path, Content)} does, and keeps the one that it replaces.
   *
   * @param path the file
   * @param previous the name for the file that is replaced, in the same folder; a file of that name
   *     is deleted then
   * @param content the content
   * @throws IOException if it cannot be written; both old files stay
   */
  public static void writeKeeping(Path path, Path previous, Content content) throws IOException {
    write(path, content, Finish.flushed(() -> keep(path, previous)));
  }

  /** Gives a file a second name, so that it keeps its own until it is replaced. */
  private static void keep(Path path, Path previous) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Files.deleteIfExists(previous);
    try {
      Files.createLink(previous, path);
    } catch (UnsupportedOperationException | FileSystemException e) {
      // This file system has no second names. Until the next rename only the previous is there.
      Files.move(path, previous, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /**
   * Writes a file under a temporary name and renames it, but does not flush it: a power failure may
   * leave an empty file. This is many times faster, for files that can be made again.
   *
   * @param path the file, which is replaced if it exists
   * @param bytes its content
   * @throws IOException naming the file if it cannot be written; the old file stays
   */
  public static void writeUnflushed(Path path, byte[] bytes) throws IOException {
    write(path, content(bytes), new Finish(false, () -> {}));
  }

  /** Work that may fail. */
  private interface Step {
    void run() throws IOException;
  }

  /**
   * The work between the last byte and the rename.
   *
   * @param flushes whether the file is flushed
   * @param last the last thing to do before the new file appears
   */
  private record Finish(boolean flushes, Step last) {
    static Finish flushed(Step last) {
      return new Finish(true, last);
    }
  }

  private static void write(Path path, Content content, Finish finish) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    // Not Files.createTempFile, whose files only their owner may read.
    Path temporary = folder.resolve(temporaryPrefix(path) + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        if (finish.flushes()) {
          channel.force(true);
        }
      }
      finish.last().run();
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw named(e, path, temporary);
    } finally {
      Files.deleteIfExists(temporary);
    }
    if (finish.flushes()) {
      flushFolder(folder);
    }
  }

  /**
   * Makes an error of writing name its file, as that of a full disk does not.
   *
   * @param e the error
   * @param path the file that was written
   * @return the error, if it names a file, or one that does, with the first as its cause
   */
  public static IOException named(IOException e, Path path) {
    return named(e, path, path);
  }

  /** Java names the temporary file, or none. */
  private static IOException named(IOException e, Path path, Path temporary) {
    IOException named;
    if (!(e instanceof FileSystemException about)) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : Json.firstLine(e);
      named = new FileSystemException(path.toString(), null, reason);
    } else if (!temporary.toString().equals(about.getFile())) {
      return e;
    } else if (e instanceof NoSuchFileException) {
      named = new NoSuchFileException(path.toString(), null, about.getReason());
    } else if (e instanceof AccessDeniedException) {
      named = new AccessDeniedException(path.toString(), null, about.getReason());
    } else {
      named = new FileSystemException(path.toString(), null, about.getReason());
    }
    named.initCause(e);
    return named;
  }

  /**
   * Writes a file, as {@link #write(Path, Content)} does.
   *
   * @param path the file, which is replaced if it exists
   * @param bytes its content
   * @throws IOException naming the file if it cannot be written; the old file stays
   */
  public static void write(Path path, byte[] bytes) throws IOException {
    write(path, content(bytes));
  }

  private static Content content(byte[] bytes) {
    return channel -> {
      ByteBuffer content = ByteBuffer.wrap(bytes);
      while (content.hasRemaining()) {
        channel.write(content);
      }
    };
  }

  /**
   * Writes a text file, as {@link #write(Path, Content)} does.
   *
   * @param path the file, which is replaced if it exists
   * @param text the text, written as UTF-8
   * @throws IOException if it cannot be written; the old file stays
   */
  public static void write(Path path, String text) throws IOException {
    write(path, text.getBytes(StandardCharsets.UTF_8));
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
