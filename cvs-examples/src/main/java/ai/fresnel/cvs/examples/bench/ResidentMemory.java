package ai.fresnel.cvs.examples.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The process's resident memory as Linux counts it; unknown elsewhere. */
final class ResidentMemory {

  /** What is returned where Linux does not tell. */
  static final long UNKNOWN = -1;

  private static final Path STATUS = Path.of("/proc/self/status");

  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private ResidentMemory() {}

  /** Bytes now. */
  static long now() {
    return field("VmRSS:");
  }

  /** The most bytes since {@link #resetPeak}, or since the start where that is not allowed. */
  static long peak() {
    return field("VmHWM:");
  }

  /** Starts a new count of the peak. */
  static void resetPeak() {
    try {
      Files.writeString(CLEAR, "5");
    } catch (IOException e) {
      // Not Linux, or not allowed: the peak is that since the start.
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
