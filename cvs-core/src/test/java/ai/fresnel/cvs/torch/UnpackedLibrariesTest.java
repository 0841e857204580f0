package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedLibrariesTest {

  @TempDir Path folder;

  private Path cache;
  private Path libraries;
  private final Map<String, URL> sources = new LinkedHashMap<>();

  @BeforeEach
  void writeJar() throws IOException {
    cache = folder.resolve("cache/pytorch");
    libraries = cache.resolve("2.7.1-cpu");
    Path jar = folder.resolve("natives.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      for (String name : List.of("liba.so", "libtorch.so")) {
        zip.putNextEntry(new ZipEntry("lib/" + name));
        zip.write(name.repeat(1000).getBytes(StandardCharsets.US_ASCII));
        sources.put(name, URI.create("jar:" + jar.toUri() + "!/lib/" + name).toURL());
      }
    }
  }

  private void ensure() throws IOException {
    new UnpackedLibraries(libraries, sources).ensure();
  }

  private void assertWhole() throws IOException {
    for (String name : sources.keySet()) {
      assertEquals(name.repeat(1000), Files.readString(libraries.resolve(name)));
    }
    try (Stream<Path> files = Files.list(cache)) {
      assertEquals(
          List.of(".cvs.lock", "2.7.1-cpu"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void whatIsMissingOrDamagedIsUnpacked() throws IOException {
    ensure();
    assertWhole();
    Files.writeString(libraries.resolve("liba.so"), "cut off");
    Files.writeString(libraries.resolve("other"), "kept");
    FileTime time = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    Files.setLastModifiedTime(libraries.resolve("libtorch.so"), time);
    ensure();
    assertWhole();
    assertEquals("kept", Files.readString(libraries.resolve("other")));
    assertEquals(time, Files.getLastModifiedTime(libraries.resolve("libtorch.so")));
    Files.delete(libraries.resolve("libtorch.so"));
    ensure();
    assertWhole();
  }

  /** Of our own at once, since a living process holds the lock; of DJL's after a day. */
  @Test
  void whatKilledProcessesLeftIsDeleted() throws IOException {
    ensure();
    Path ours = Files.createDirectories(cache.resolve("tmp-cvs-1234"));
    Files.writeString(ours.resolve("liba.so"), "half");
    Path old = Files.createDirectories(cache.resolve("tmp5678"));
    Path part = Files.writeString(old.resolve("libtorch_cpu.so"), "half");
    Path young = Files.createDirectories(cache.resolve("tmp91011"));
    FileTime longAgo = FileTime.from(Instant.now().minusSeconds(90_000));
    for (Path path : List.of(part, old, young)) {
      Files.setLastModifiedTime(path, longAgo);
    }
    Path growing = Files.writeString(young.resolve("libtorch_cpu.so"), "still unpacked");
    Files.setLastModifiedTime(young, longAgo);
    Path other = Files.createDirectories(cache.resolve("temporary"));
    Files.setLastModifiedTime(other, longAgo);
    ensure();
    assertFalse(Files.exists(ours));
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(growing));
    assertTrue(Files.exists(other));
  }

  @Test
  void aProcessThatUnpacksIsLeftAlone() throws IOException {
    ensure();
    Path ours = Files.createDirectories(cache.resolve("tmp-cvs-1234"));
    try (FileChannel channel =
            FileChannel.open(cache.resolve(".cvs.lock"), StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertTrue(lock.isValid());
      ensure();
      assertTrue(Files.exists(ours));
    }
  }

  @Test
  void whatCannotBeUnpackedIsNamedWithItsFolder() throws IOException {
    Files.createDirectories(libraries.resolve("liba.so/in the way"));
    IOException error = assertThrows(IOException.class, this::ensure);
    assertTrue(
        error.getMessage().startsWith(libraries + ": liba.so is missing and cannot be unpacked ("),
        error.getMessage());
    assertTrue(
        error
            .getMessage()
            .endsWith("); make room or delete this folder, or name another cache in DJL_CACHE_DIR"),
        error.getMessage());
    try (Stream<Path> files = Files.list(cache)) {
      assertTrue(files.noneMatch(file -> file.getFileName().toString().startsWith("tmp")));
    }
  }

  @Test
  void aCacheThatIsWholeNeedsNoWriting() throws IOException {
    ensure();
    Files.delete(cache.resolve(".cvs.lock"));
    ensure();
    assertFalse(Files.exists(cache.resolve(".cvs.lock")));
  }
}
