package ai.fresnel.cvs.train.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Reads folders made on purpose. */
final class Hostile {

  private Hostile() {}

  /**
   * Reads a folder, which must succeed or be refused in one line.
   *
   * @param root holds the hostile file
   * @param reading reads it
   * @param named names of which a refusal must say at least one
   * @return the refusal's message; empty if it was read
   */
  static String read(Path root, Parser.Reading reading, String... named) throws Exception {
    AtomicReference<String> message = new AtomicReference<>("");
    try (Judge judge = new Judge()) {
      Optional<Judge.Fault> fault =
          judge.judge(
              root,
              folder -> {
                try {
                  reading.read(folder);
                } catch (Exception e) {
                  message.set(String.valueOf(e.getMessage()));
                  throw e;
                }
              },
              List.of(named));
      assertEquals(Optional.empty(), fault);
    }
    return message.get();
  }

  /** Puts a file into the folder around a parser's seed and reads that. */
  static String read(Parser parser, Seed seed, byte[] content, Path work) throws Exception {
    Path root = Files.createDirectories(work.resolve("fuzzed-object"));
    seed.folder().write(root);
    Path file = root.resolve(seed.file());
    Files.createDirectories(file.getParent());
    Files.write(file, seed.pack().apply(content));
    return read(root, parser.reading(), seed.named().toArray(new String[0]));
  }
}
