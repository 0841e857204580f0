package ai.fresnel.cvs.train.file;

import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The boundary around one item of many: whatever a file from outside does to its reader becomes an
 * {@link IOException} of one line, so that the others are still read.
 */
public final class Guarded {

  private Guarded() {}

  /**
   * Reads an item.
   *
   * @param <T> the type of the item
   */
  public interface Task<T> {

    /**
     * Reads the item.
     *
     * @return the item
     * @throws IOException if it cannot be read
     */
    T run() throws IOException;
  }

  /**
   * Runs a task.
   *
   * @param task what to do for the item
   * @param <T> the type of the result
   * @return its result
   * @throws IOException if the task throws one, an unchecked exception, or runs out of memory or
   *     stack; the message is one line
   */
  public static <T> T run(Task<T> task) throws IOException {
    try {
      return task.run();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      throw new IOException(message(e), e);
    } catch (StackOverflowError e) {
      throw new IOException("is nested too deep", e);
    } catch (OutOfMemoryError e) {
      long megabytes = Runtime.getRuntime().maxMemory() >> 20;
      throw new IOException("needs more memory than the " + megabytes + " MB there are", e);
    }
  }

  private static String message(RuntimeException e) {
    String text = Json.firstLine(e);
    // Refused arguments say all themselves; a fault of the program does not.
    return e instanceof IllegalArgumentException && e.getMessage() != null
        ? text
        : "cannot be read (" + e.getClass().getSimpleName() + ": " + text + ")";
  }
}
