package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are whole or old, and errors name them. */
class AtomicFilesTest {

  @TempDir Path folder;

  /** Linux's device that is always full. */
  @Test
  void aFullDiskNamesTheFile() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "needs Linux");
    Path path = Files.writeString(folder.resolve("a"), "old");
    FileSystemException e =
        assertThrows(
            FileSystemException.class,
            () ->
                AtomicFiles.write(
                    path,
                    channel -> {
                      try (FileChannel device = FileChannel.open(full, StandardOpenOption.WRITE)) {
                        device.write(ByteBuffer.allocate(10));
                      }
                    }));
    assertEquals(path + ": No space left on device", e.getMessage());
    assertEquals("old", Files.readString(path));
    assertEquals(List.of("a"), names());
  }

  @Test
  void errorsNameTheFileAndNotTheTemporaryOne() throws IOException {
    Path missing = folder.resolve("none").resolve("a");
    NoSuchFileException none =
        assertThrows(NoSuchFileException.class, () -> AtomicFiles.write(missing, "x"));
    assertEquals(missing.toString(), none.getMessage());
    Path inTheWay = Files.createDirectories(folder.resolve("a").resolve("b")).getParent();
    String message =
        assertThrows(IOException.class, () -> AtomicFiles.write(inTheWay, "x")).getMessage();
    assertTrue(message.startsWith(inTheWay.toString()), message);
    Path other = folder.resolve("other");
    NoSuchFileException e =
        assertThrows(
            NoSuchFileException.class,
            () -> AtomicFiles.write(folder.resolve("c"), channel -> Files.readAllBytes(other)));
    assertEquals(other.toString(), e.getMessage(), "an error about another file");
  }

  @Test
  void aReplacedFileIsKept() throws IOException {
    Path path = folder.resolve("a");
    Path previous = folder.resolve("b");
    for (String text : List.of("1", "2", "3")) {
      AtomicFiles.writeKeeping(path, previous, channel -> channel.write(bytes(text)));
    }
    assertEquals("3", Files.readString(path));
    assertEquals("2", Files.readString(previous));
    assertThrows(
        IOException.class,
        () ->
            AtomicFiles.writeKeeping(
                path,
                previous,
                channel -> {
                  throw new IOException("disk full");
                }));
    assertEquals("3", Files.readString(path));
    assertEquals("2", Files.readString(previous));
    assertEquals(List.of("a", "b"), names());
  }

  @Test
  void leftoversOfKilledProcessesAreDeleted() throws IOException {
    AtomicFiles.write(folder.resolve("a"), "1");
    Files.writeString(folder.resolve(".a.1234"), "");
    Files.writeString(folder.resolve(".ab.1234"), "");
    AtomicFiles.deleteLeftovers(folder.resolve("a"));
    assertEquals(List.of(".ab.1234", "a"), names());
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
