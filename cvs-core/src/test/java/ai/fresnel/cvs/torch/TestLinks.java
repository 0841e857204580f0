package ai.fresnel.cvs.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Symbolic links in the temporary folder of a test. */
final class TestLinks {

  private TestLinks() {}

  /** Deletes all links below a folder. JUnit would delete them too, and warn. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(file);
      }
    }
  }
}
