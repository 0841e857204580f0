package ai.fresnel.cvs.examples.terminal;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows the progress of long work: a bar on a terminal, a plain line every ten seconds elsewhere.
 *
 * <pre>{@code
 * try (Progress progress = Progress.start(err, "render", "views", total)) {
 *   progress.update(done, "loss 0.12");
 *   progress.message("chair-3 skipped: no triangles");
 * }
 * }</pre>
 *
 * <p>The rate and the time left are measured since the start; resumed work calls {@link #resumeAt}
 * first. Safe for use by several threads.
 */
public final class Progress implements AutoCloseable {

  /** The script sets this to true on a terminal; Java before 22 cannot tell. */
  private static final String TERMINAL = "cvs.terminal";

  private static final int BAR = 24;
  private static final long BAR_NANOS = 100_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintWriter out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private final String task;
  private final String unit;
  private final long total;
  private final long start;
  private long first;
  private long done;
  private long shown;
  private boolean anyShown;
  private boolean current = true;
  private String note = "";
  private int width;

  Progress(
      PrintWriter out,
      boolean terminal,
      LongSupplier nanoTime,
      String task,
      String unit,
      long total) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.task = task;
    this.unit = unit;
    this.total = total;
    start = nanoTime.getAsLong();
  }

  /**
   * Starts.
   *
   * @param out receives the progress, usually standard error
   * @param task the name of the task, one word
   * @param unit the unit of the count, in the plural
   * @param total the final count, at least 0
   * @return the progress; close it when done
   */
  public static Progress start(PrintWriter out, String task, String unit, long total) {
    return new Progress(out, Boolean.getBoolean(TERMINAL), System::nanoTime, task, unit, total);
  }

  /**
   * Sets the work that was done earlier, which does not count towards the rate.
   *
   * @param count units done before the start
   */
  public synchronized void resumeAt(long count) {
    first = count;
    done = count;
  }

  /**
   * Updates the progress. Cheap: shows at most ten updates a second, or one in ten seconds without
   * a terminal.
   *
   * @param count units done altogether
   * @param words a note to show, may be empty
   */
  public synchronized void update(long count, String words) {
    done = count;
    note = Terminal.printable(words);
    current = false;
    long now = nanoTime.getAsLong();
    if (!anyShown || now - shown >= (terminal ? BAR_NANOS : LINE_NANOS)) {
      show(now);
    }
  }

  /**
   * Prints a line above the bar.
   *
   * @param line the line; control characters, which names from outside may hold, are written out
   */
  public synchronized void message(String line) {
    clear();
    out.println(Terminal.printable(line));
    out.flush();
    if (terminal) {
      show(nanoTime.getAsLong());
    }
  }

  /** Shows the last state, unless it is shown already, and ends the line. */
  @Override
  public synchronized void close() {
    if (!current) {
      show(nanoTime.getAsLong());
    }
    if (terminal) {
      out.println();
      out.flush();
    }
  }

  private void show(long now) {
    shown = now;
    anyShown = true;
    current = true;
    String line = line((now - start) / 1e9);
    if (terminal) {
      clear();
      out.print(line);
      width = line.length();
    } else {
      out.println(line);
    }
    out.flush();
  }

  private void clear() {
    if (width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      width = 0;
    }
  }

  private String line(double seconds) {
    double share = total == 0 ? 1 : Math.min(1.0, (double) done / total);
    StringBuilder text = new StringBuilder(task);
    if (terminal) {
      int filled = (int) (share * BAR);
      text.append(" [").append("#".repeat(filled)).append("-".repeat(BAR - filled)).append(']');
    }
    text.append(String.format(Locale.ROOT, " %d/%d %s", done, total, unit));
    text.append(String.format(Locale.ROOT, ", %.0f %%", Math.floor(100 * share)));
    double rate = (done - first) / Math.max(1e-9, seconds);
    if (rate > 0 && seconds > 0) {
      text.append(String.format(Locale.ROOT, rate < 10 ? ", %.2f/s" : ", %.0f/s", rate));
      text.append(", ").append(done < total ? duration((total - done) / rate) + " left" : "");
      if (done >= total) {
        text.append("in ").append(duration(seconds));
      }
    }
    return note.isEmpty() ? text.toString() : text + ", " + note;
  }

  /** Formats a duration as hours, minutes and seconds, rounded up to whole seconds. */
  static String duration(double seconds) {
    long whole = (long) Math.ceil(seconds - 1e-9);
    return String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
