package ai.fresnel.cvs.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Files that are there whole or not at all, also after a power cut. */
final class AtomicFiles {
  private AtomicFiles() {}

  /** Fills a file. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Writes under a temporary name beside {@code path}, flushes, renames over {@code path}. */
  static void write(Path path, Content content) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    // Not Files.createTempFile, whose files only their owner may read.
    Path temporary = folder.resolve("." + path.getFileName() + "." + UUID.randomUUID());
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

  static void write(Path path, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    write(
        path,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** Makes renames in {@code folder} last; where a folder cannot be flushed there is no need. */
  static void flushFolder(Path folder) throws IOException {
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
