package ai.fresnel.cvs.train.data;

import java.io.IOException;
import java.nio.file.Path;

/** One wording for every file that is refused: which file, what is in it, what was expected. */
final class Damaged {

  private Damaged() {}

  static IOException file(Path file, String found, String expected) {
    return new IOException(file + ": " + found + ", expected " + expected);
  }

  static IOException file(Path file, Exception cause, String expected) {
    // Foreign messages may run over several lines; ours are one.
    String found = String.valueOf(cause.getMessage()).lines().findFirst().orElse("unreadable");
    return new IOException(file + ": " + found + ", expected " + expected, cause);
  }
}
