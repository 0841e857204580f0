package ai.fresnel.cvs.examples.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Measures the resident memory of this process; on Linux only. */
final class ResidentMemory {

  /** The value where Linux gives none. */
  static final long UNKNOWN = -1;

  private static final Path STATUS = Path.of("/proc/self/status");

  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private ResidentMemory() {}

  /** Returns the bytes now. */
  static long now() {
    return field("VmRSS:");
  }

  /**
   * Returns the peak bytes since {@link #resetPeak}, or since the start where a reset is not
   * allowed.
   */
  static long peak() {
    return field("VmHWM:");
  }

  /** Resets the peak. */
  static void resetPeak() {
    try {
      Files.writeString(CLEAR, "5");
    } catch (IOException e) {
      // Not Linux, or not allowed: the peak stays that since the start.
    }
  }

  private static long field(String name) {
    try {
      for (String line : Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(name)) {
          return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return UNKNOWN;
  }
}
