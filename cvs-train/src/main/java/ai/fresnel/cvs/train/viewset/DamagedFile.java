package ai.fresnel.cvs.train.viewset;

import java.io.IOException;
import java.nio.file.Path;

/** One wording for every file that is refused: which file, what is in it, what was expected. */
public final class DamagedFile {

  private DamagedFile() {}

  /**
   * Makes the error.
   *
   * @param file the file or folder
   * @param found what is in it
   * @param expected what should be
   * @return to be thrown: {@code FILE: FOUND, expected EXPECTED}
   */
  public static IOException error(Path file, String found, String expected) {
    return new IOException(file + ": " + found + ", expected " + expected);
  }

  static IOException error(Path file, Exception cause, String expected) {
    // Foreign messages may run over several lines; ours are one.
    String found = String.valueOf(cause.getMessage()).lines().findFirst().orElse("unreadable");
    return new IOException(file + ": " + found + ", expected " + expected, cause);
  }
}
