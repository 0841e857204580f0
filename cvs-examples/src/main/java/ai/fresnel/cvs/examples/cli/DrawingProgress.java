package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.terminal.Progress;
import java.io.PrintWriter;

/** Shows DJL's progress as the command's progress bar. */
final class DrawingProgress implements ai.djl.util.Progress, AutoCloseable {

  private final PrintWriter out;
  private Progress shown;
  private long done;

  DrawingProgress(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void reset(String message, long max, String trailing) {
    close();
    shown = Progress.start(out, "draw", "views", max);
  }

  @Override
  public void start(long initial) {
    update(initial, null);
  }

  @Override
  public void increment(long by) {
    update(done + by, null);
  }

  @Override
  public void update(long value, String message) {
    done = value;
    shown.update(value, message == null ? "" : message);
  }

  @Override
  public void end() {
    close();
  }

  @Override
  public void close() {
    if (shown != null) {
      shown.close();
      shown = null;
    }
  }
}
