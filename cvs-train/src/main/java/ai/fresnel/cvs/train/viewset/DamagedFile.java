package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.nio.file.Path;

/** Makes the errors of refused files: the file, its content, and the expected content. */
public final class DamagedFile {

  private DamagedFile() {}

  /**
   * Makes the error.
   *
   * @param file the file or folder
   * @param found the content
   * @param expected the expected content
   * @return the exception to throw, {@code FILE: FOUND, expected EXPECTED}
   */
  public static IOException error(Path file, String found, String expected) {
    return new IOException(file + ": " + found + ", expected " + expected);
  }

  static IOException error(Path file, Exception cause, String expected) {
    // Messages of libraries may have several lines; ours have one.
    String first = Json.firstLine(cause);
    String found = first.isEmpty() ? "unreadable" : first;
    return new IOException(file + ": " + found + ", expected " + expected, cause);
  }
}
