package ai.fresnel.cvs.examples.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final StringWriter text = new StringWriter();
  private long now;

  private Progress progress(boolean terminal, long total) {
    return new Progress(new PrintWriter(text), terminal, () -> now, "render", "views", total);
  }

  private void after(double seconds) {
    now += (long) (seconds * 1e9);
  }

  @Test
  void plainLinesComeNowAndThen() {
    try (Progress progress = progress(false, 100)) {
      after(1);
      progress.update(4, "");
      after(1);
      progress.update(8, "not shown");
      progress.message("chair skipped");
      after(9);
      progress.update(44, "loss 0.5");
      after(14);
      progress.update(100, "");
    }
    assertEquals(
        List.of(
            "render 4/100 views, 4 %, 4.00/s, 0:00:24 left",
            "chair skipped",
            "render 44/100 views, 44 %, 4.00/s, 0:00:14 left, loss 0.5",
            "render 100/100 views, 100 %, 4.00/s, in 0:00:25"),
        text.toString().lines().toList());
  }

  @Test
  void theLastStateIsShownOnce() {
    try (Progress progress = progress(false, 10)) {
      after(1);
      progress.update(1, "");
      after(1);
      progress.update(10, "");
    }
    assertEquals(2, text.toString().lines().count());
    assertTrue(text.toString().contains("10/10"), text.toString());
  }

  @Test
  void aTerminalHasOneLineDrawnAnew() {
    try (Progress progress = progress(true, 8)) {
      after(1);
      progress.update(2, "");
      after(0.01);
      progress.update(3, "too soon");
      progress.message("chair skipped");
      after(1);
      progress.update(8, "");
    }
    List<String> drawn = List.of(text.toString().split("\r", -1));
    assertEquals(
        "render [######------------------] 2/8 views, 25 %, 2.00/s, 0:00:03 left", drawn.get(0));
    assertTrue(drawn.get(2).startsWith("chair skipped\nrender [#########-"), drawn.get(2));
    assertTrue(drawn.get(drawn.size() - 1).endsWith("in 0:00:03\n"), text.toString());
  }

  @Test
  void workDoneEarlierCountsForNoRate() {
    try (Progress progress = progress(false, 100)) {
      progress.resumeAt(50);
      after(1);
      progress.update(60, "");
    }
    assertEquals(
        "render 60/100 views, 60 %, 10/s, 0:00:04 left", text.toString().lines().findFirst().get());
  }

  /** Names in archives may hold what moves a terminal's cursor or rings its bell. */
  @Test
  void controlCharactersNeverReachTheTerminal() {
    try (Progress progress = progress(false, 1)) {
      progress.message("a\u001b[2Jb\u0007\u009b1mc\u202ed skipped\nsecond");
    }
    assertEquals(
        "a\\u001b[2Jb\\u0007\\u009b1mc\\u202ed skipped\\u000asecond",
        text.toString().lines().findFirst().get());
  }

  @Test
  void longTimesHaveHours() {
    assertEquals("0:00:00", Progress.duration(0));
    assertEquals("0:01:01", Progress.duration(60.2));
    assertEquals("27:46:40", Progress.duration(100_000));
  }
}
