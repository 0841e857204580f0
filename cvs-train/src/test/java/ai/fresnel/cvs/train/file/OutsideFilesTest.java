package ai.fresnel.cvs.train.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all readers of files from outside share. */
class OutsideFilesTest {

  @TempDir Path folder;

  @Test
  void namesStayInTheFolder() throws IOException {
    DataFolder data = DataFolder.of(folder.resolve("."));
    Path file = folder.toAbsolutePath().resolve("a/b.png");
    for (String name : List.of("a/b.png", "./a/b.png", "a/../a/b.png", file.toString())) {
      assertEquals(file, data.file(name));
    }
    assertEquals("a/b.png", data.name(file));
    for (String name : List.of("../x", "a/../../x", "/etc/passwd", "..")) {
      IOException e = assertThrows(IOException.class, () -> data.file(name));
      assertTrue(e.getMessage().endsWith("\"" + name + "\" leads out of the folder"));
    }
    IOException e = assertThrows(IOException.class, () -> data.file("a\0b"));
    assertTrue(e.getMessage().endsWith("\"a\\u0000b\" is no file name"), e.getMessage());
    // The same folder through a link, in either way.
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    Path link = Files.createSymbolicLink(folder.resolve("link"), file.getParent());
    assertTrue(Files.isSameFile(file, DataFolder.of(link).file(file.toString())));
    Path through = link.resolve("b.png");
    assertTrue(Files.isSameFile(file, DataFolder.of(file.getParent()).file(through.toString())));
    Path here = Path.of("").toAbsolutePath();
    assertEquals(here.resolve("x"), DataFolder.of(Path.of("")).file("x"));
    assertEquals(here.resolve("x"), DataFolder.of(Path.of(".")).file("x"));
  }

  @Test
  void aByteOrderMarkIsNoText() throws IOException {
    Path file = folder.resolve("a.txt");
    for (String text : List.of("", "a", "ab\nc", "ä")) {
      for (String mark : List.of("", "\ufeff")) {
        Files.writeString(file, mark + text);
        assertEquals(text, TextFile.read(file, 100));
        try (BufferedReader in = TextFile.open(file, 100)) {
          assertEquals(text.lines().toList(), in.lines().toList());
        }
      }
    }
  }

  @Test
  void errorsNameTheFileAndSayWhatIsWrong() throws IOException {
    Path file = folder.resolve("a.txt");
    assertEquals(file + ": is missing", message(() -> TextFile.read(file, 3)));
    assertEquals(folder + ": is no file", message(() -> TextFile.open(folder, 3)));
    Files.write(file, "x\377yz".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(file + ": 4 bytes, expected at most 3", message(() -> TextFile.read(file, 3)));
    assertEquals(file + ": is not UTF-8 text", message(() -> TextFile.read(file, 4)));
    assertEquals(
        file + ": is no intact gzip file (Not in GZIP format)",
        message(() -> TextFile.openGzip(file)));
  }

  @Test
  void anyFailureOfAnItemIsAnErrorOfOneLine() {
    assertEquals(
        "is nested too deep",
        message(
            () -> {
              throw new StackOverflowError();
            }));
    assertTrue(message(() -> new long[Integer.MAX_VALUE]).startsWith("needs more memory than"));
    assertEquals(
        "size is 3",
        message(
            () -> {
              throw new IllegalArgumentException("size is 3\nand more");
            }));
    assertEquals(
        "cannot be read (ArithmeticException: / by zero)",
        message(() -> Math.floorDiv(1, List.of().size())));
  }

  private static String message(Guarded.Task<?> task) {
    return assertThrows(IOException.class, () -> Guarded.run(task)).getMessage();
  }

  @Test
  void whatIsLeftOutIsCountedAndTheFirstIsNamed() {
    LeftOut one = LeftOut.NONE.and("a.png", "a.png: is missing");
    assertEquals("1 frame left out, a.png: is missing", one.describe("frame"));
    LeftOut three = LeftOut.NONE.and(one).and("b", "x").and(LeftOut.NONE.and("c", "y"));
    assertEquals("3 frames left out, the first a.png: is missing", three.describe("frame"));
    LeftOut escape = LeftOut.NONE.and("\u001b[31m", "red\n\u0007");
    assertEquals("1 frame left out, ?[31m: red??", escape.describe("frame"));
    assertTrue(LeftOut.NONE.and(LeftOut.NONE).isEmpty());
  }
}
