package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes replace one folder again and again: no folder is lost, none is a mixture. */
class FolderSwapTest {

  private static final Set<String> FILES = Set.of("a", "b", "c");
  private static final int ROUNDS = 60;

  @TempDir Path folder;

  /** Replaces a folder many times and tells how often, and why not. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path target = Path.of(args[0]);
    Path start = Path.of(args[1]);
    System.out.println("ready");
    while (!Files.exists(start)) {
      Thread.sleep(1);
    }
    for (int i = 0; i < ROUNDS; i++) {
      String text = ProcessHandle.current().pid() + "." + i;
      try {
        new FolderSwap(target, FILES).replace(fresh -> fill(fresh, text));
        System.out.println(text);
      } catch (FileSystemException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }

  private static void fill(Path fresh, String text) throws IOException {
    for (String name : List.of("a", "b", "c")) {
      Files.writeString(fresh.resolve(name), text);
    }
  }

  @Test
  void twoProcessesThatReplaceOneFolderLoseNone() throws Exception {
    Path target = folder.resolve("model");
    Path start = folder.resolve("start");
    new FolderSwap(target, FILES).replace(fresh -> fill(fresh, "before"));
    String args0 = target.toString();
    try (LockingProcess one = LockingProcess.start(FolderSwapTest.class, args0, start.toString());
        LockingProcess two = LockingProcess.start(FolderSwapTest.class, args0, start.toString())) {
      assertEquals("ready", one.line());
      assertEquals("ready", two.line());
      Files.createFile(start);
      List<String> said = Stream.concat(one.lines().stream(), two.lines().stream()).toList();
      assertEquals(2 * ROUNDS, said.size());
      String last = Files.readString(target.resolve("a"));
      assertEquals(last, Files.readString(target.resolve("b")));
      assertEquals(last, Files.readString(target.resolve("c")));
      assertTrue(said.contains(last), "the folder is one that was written with success");
      for (String line : said) {
        if (line.startsWith("refused")) {
          assertTrue(line.startsWith("refused: " + target + ": is being written by "), line);
        }
      }
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(
          List.of("model", "start"), left.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }
}
