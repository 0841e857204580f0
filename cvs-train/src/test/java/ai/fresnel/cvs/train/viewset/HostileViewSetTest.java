package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** View sets from elsewhere: refused in one line, or one bad object among good ones. */
class HostileViewSetTest {

  @TempDir Path folder;

  private IOException refused() {
    return assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThrows(IOException.class, () -> ViewSet.open(folder).object("object-a").read(0)));
  }

  private void refused(Path file, String expected) {
    String message = refused().getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.length() < 500, message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"valid_paths.json", "split.json", "object-a/meta.json"})
  void jsonIsStrictAndNestsAFewDeep(String name) throws IOException {
    Fixtures.write(folder, 2, 2);
    Path file = folder.resolve(name);
    String good = Files.readString(file);
    for (String deep : List.of("[", "{\"a\":")) {
      Files.writeString(file, deep.repeat(100_000));
      refused(file, "nested more than 64 deep");
    }
    Files.writeString(file, good.replaceFirst("([\\[{])", "$1 // a comment\n"));
    refused(file, "not JSON");
    Files.writeString(file, good + "{}");
    refused(file, "text follows");
    Files.write(file, new byte[] {'"', (byte) 0xff, '"'});
    refused(file, "is not UTF-8 text");
    if (!name.startsWith("valid")) {
      Files.writeString(file, good.replace("\"format\"", "\"format\": 1, \"format\""));
      refused(file, "\"format\" is there twice");
    }
    // A byte order mark is none of the text's.
    Files.writeString(file, "\ufeff" + good);
    assertEquals(2, ViewSet.open(folder).object("object-a").size());
  }

  @ParameterizedTest
  @CsvSource({
    "1e400, fx is 1e400",
    "NaN, not JSON",
    "\"3\", expected a number",
    "null, expected a number"
  })
  void numbersAreFinite(String number, String expected) throws IOException {
    Fixtures.write(folder, 1, 2);
    Path file = folder.resolve("object-a/meta.json");
    Files.writeString(
        file, Files.readString(file).replaceFirst("\"fx\": [0-9.]+", "\"fx\": " + number));
    refused(file, expected);
  }

  @Test
  void sidesAreBounded() throws IOException {
    Fixtures.write(folder, 1, 2);
    Path file = folder.resolve("object-a/meta.json");
    Files.writeString(
        file, Files.readString(file).replace("\"width\": 16", "\"width\": 1073741824"));
    refused(file, "intrinsics.width is 1073741824, expected 1 to 4096 pixels");
  }

  /** The header claims 2⁶² values; the bytes are as many as a camera has. */
  @Test
  void shapesOfArraysAreBounded() throws IOException {
    Fixtures.write(folder, 1, 2);
    Path file = folder.resolve("object-a/000.npy");
    String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    for (String shape : List.of("(2147483647, 2147483647), }", "(99999999999999999999, 4), }")) {
      String spaces = " ".repeat(shape.length() - "(3, 4), }".length());
      String large = bytes.replace("(3, 4), }" + spaces, shape);
      Files.write(file, large.getBytes(StandardCharsets.ISO_8859_1));
      refused(file, "shape (");
    }
  }

  @Test
  void oneDamagedObjectIsNamedAndTheOthersAreInspected() throws IOException {
    Fixtures.write(folder, 3, 2);
    Files.delete(folder.resolve("split.json"));
    Path file = folder.resolve("object-b/meta.json");
    Files.writeString(file, "[".repeat(1000));
    ViewSetInspector inspector = ViewSetInspector.inspect(folder);
    assertTrue(inspector.spoilsTraining());
    assertEquals(2, inspector.objects());
    assertTrue(inspector.problems().get(0).startsWith(file + ": nested"), inspector.report());
  }

  @Test
  void aDamagedObjectIsWrittenAgain() throws IOException {
    Fixtures.write(folder, 2, 2);
    Files.writeString(folder.resolve("object-b/meta.json"), "{");
    ViewSetWriter writer = new ViewSetWriter(folder);
    writer.finish();
    assertEquals(List.of("object-a"), ViewSet.open(folder).ids());
    assertFalse(writer.isComplete("object-b"));
    assertTrue(writer.write("object-b", Fixtures.views(1, 2), Fixtures.meta("", "")));
    writer.finish();
    assertEquals(List.of("object-a", "object-b"), ViewSet.open(folder).ids());
  }

  private void tar(TarArchiveEntry... entries) throws IOException {
    Path file = folder.resolve("shard-00000-of-00001.tar");
    try (OutputStream out = Files.newOutputStream(file);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (TarArchiveEntry entry : entries) {
        byte[] bytes = entry.isSymbolicLink() ? new byte[0] : new byte[] {1};
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
      }
    }
  }

  @Test
  void membersOfTarFilesStayInside() throws IOException {
    for (String name : List.of("../x.000.png", "a/../../x.000.png", "..")) {
      tar(new TarArchiveEntry(name));
      IOException e = assertThrows(IOException.class, () -> ViewSet.open(folder), name);
      assertTrue(e.getMessage().contains("\"" + name + "\" leads out"), e.getMessage());
      assertTrue(e.getMessage().startsWith(folder + "/shard-00000-of"), e.getMessage());
    }
    tar(new TarArchiveEntry("/etc/x.000.png", true));
    IOException e = assertThrows(IOException.class, () -> ViewSet.open(folder));
    assertTrue(e.getMessage().contains("\"/etc/x.000.png\" leads out"), e.getMessage());
    tar(new TarArchiveEntry("x\u0007.000.png"));
    e = assertThrows(IOException.class, () -> ViewSet.open(folder));
    assertTrue(e.getMessage().contains("\"x\\u0007.000.png\" is no file name"), e.getMessage());
    TarArchiveEntry link = new TarArchiveEntry("x.000.npy", TarArchiveEntry.LF_SYMLINK);
    link.setLinkName("/etc/passwd");
    tar(new TarArchiveEntry("./x.000.png"), link);
    assertEquals(List.of("x"), ViewSet.open(folder).ids());
    e = assertThrows(IOException.class, () -> ViewSet.open(folder).object("x"));
    assertTrue(e.getMessage().contains("no views"), e.getMessage());
  }
}
