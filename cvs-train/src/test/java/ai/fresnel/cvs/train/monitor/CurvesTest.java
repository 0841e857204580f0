package ai.fresnel.cvs.train.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurvesTest {

  private static final int BLUE = 0x0072b2;
  private static final int VERMILION = 0xd55e00;
  private static final int LOWEST_NOISE = 0x440154;

  @TempDir Path folder;

  private Path run(String name, boolean full) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= 60; i++) {
      String more =
          full
              ? ",\"loss_by_sigma\":{\"0-0.03\":" + 5.0 / i + ",\"3-10\":0.1},\"validation\":0.3"
              : "";
      lines.add(
          "{\"images\":%d,\"loss\":%s,\"gradient_norm\":%s,\"learning_rate\":1e-3,%s}"
              .formatted(
                  100 * i, 2.0 / i, i % 7 == 0 ? "null" : 1.0 / i, "\"seconds\":" + i + more));
    }
    lines.add("{\"images\":6100,\"lo");
    Path run = Files.createDirectories(folder.resolve(name));
    Files.write(run.resolve(MetricsFile.NAME), lines);
    return run;
  }

  private static int count(BufferedImage image, int color) {
    int count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        count += (image.getRGB(x, y) & 0xffffff) == color ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void oneRunHasItsLevelsAndItsValidation() throws IOException {
    Path png = folder.resolve("new/curves.png");
    Curves.of(List.of(run("a", true))).write(png);
    BufferedImage image = ImageIO.read(png.toFile());
    assertEquals(1600, image.getWidth());
    assertTrue(count(image, BLUE) > 1000);
    assertTrue(count(image, VERMILION) > 300);
    assertTrue(count(image, LOWEST_NOISE) > 300);
    Curves.of(List.of(run("b", false))).write(png);
    assertEquals(0, count(ImageIO.read(png.toFile()), VERMILION));
    assertEquals(0, count(ImageIO.read(png.toFile()), LOWEST_NOISE));
  }

  @Test
  void severalRunsHaveAColourEach() throws IOException {
    Path png = folder.resolve("curves.png");
    Curves.of(List.of(run("a", true), run("b", false))).write(png);
    BufferedImage image = ImageIO.read(png.toFile());
    assertTrue(count(image, BLUE) > 300 && count(image, VERMILION) > 300);
    assertEquals(0, count(image, LOWEST_NOISE));
  }

  /** Young runs, and numbers no axis is made for. */
  @Test
  void anyNumbersCanBeDrawn() throws IOException {
    String line = "{\"images\":%d,\"loss\":%s,\"gradient_norm\":%s,\"learning_rate\":%s}";
    List<List<String>> files =
        List.of(
            List.of(line.formatted(0, "1", "1", "1")),
            List.of(line.formatted(3, "0", "0", "0")),
            List.of(line.formatted(3, "null", "\"x\"", "[]")),
            List.of(line.formatted(3, "1", "1", "1"), line.formatted(7, "1", "1", "1")),
            List.of(line.formatted(1, "1e-30", "1e30", "1"), line.formatted(9, "1", "1", "1")),
            List.of(line.formatted(9, "-1", "-1e9", "-1"), line.formatted(2, "1", "1", "1")));
    Path run = Files.createDirectories(folder.resolve("run"));
    Path png = folder.resolve("curves.png");
    for (List<String> lines : files) {
      Files.write(run.resolve(MetricsFile.NAME), lines);
      Curves.of(List.of(run)).write(png);
      assertEquals(1600, ImageIO.read(png.toFile()).getWidth());
      Files.delete(png);
    }
  }

  @Test
  void whatHoldsNoMetricsIsRefused() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    String none = assertThrows(IOException.class, () -> Curves.of(List.of(empty))).getMessage();
    assertEquals(empty + " is no run: it has no metrics.jsonl", none);
    Files.writeString(empty.resolve(MetricsFile.NAME), "[]\n{\"images\": null}\n{\"loss\": 1}\n\0");
    String nothing = assertThrows(IOException.class, () -> Curves.of(List.of(empty))).getMessage();
    assertTrue(nothing.endsWith("metrics.jsonl holds nothing yet, expected a line of metrics"));
    Path run = run("a", false);
    for (List<Path> runs : List.of(List.<Path>of(), Collections.nCopies(8, run))) {
      String refused =
          assertThrows(IllegalArgumentException.class, () -> Curves.of(runs)).getMessage();
      assertEquals(runs.size() + " runs, expected 1 to 7 in one image", refused);
    }
  }

  /** A constant stays what it is, and a jump is followed to its end. */
  @Test
  void smoothingIsAnAverage() {
    List<Double> steps = IntStream.range(0, 400).mapToObj(i -> 1.0 * i).toList();
    List<Double> jump = steps.stream().map(i -> i < 200 ? 3.0 : 1.0).toList();
    List<Double> smooth = new RunCurve(steps, jump).smoothed().values();
    assertEquals(3, smooth.get(199), 1e-12);
    // A window of 8: each point takes an eighth of what is left of the jump.
    assertEquals(1 + 2 * 7 / 8.0, smooth.get(200), 1e-12);
    assertEquals(1 + 2 * Math.pow(7 / 8.0, 10), smooth.get(209), 1e-12);
    assertEquals(1, smooth.get(399), 1e-9);
  }

  @Test
  void thinningKeepsTheMean() {
    List<Double> steps = IntStream.range(0, 3000).mapToObj(i -> 1.0 * i).toList();
    RunCurve thin = new RunCurve(steps, steps.stream().map(i -> 2 * i).toList()).thinned();
    assertEquals(1000, thin.values().size());
    assertEquals(1, thin.samples().get(0));
    assertEquals(2, thin.values().get(0));
    assertEquals(2998, thin.samples().get(999));
  }
}
