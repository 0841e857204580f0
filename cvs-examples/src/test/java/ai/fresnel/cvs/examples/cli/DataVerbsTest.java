package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The verbs that render, inspect, measure and draw curves. */
class DataVerbsTest extends CommandTest {

  @Test
  void curvesAreDrawnOfRunsAndOfNothingElse() throws IOException {
    Path run = Files.createDirectory(folder.resolve("R1"));
    String png = folder.resolve("curves.png").toString();
    assertFails(
        "cvs curves: " + run + " is no run: it has no metrics.jsonl",
        "curves",
        run.toString(),
        "--out",
        png);
    Files.writeString(
        run.resolve("metrics.jsonl"),
        """
        {"images":32,"loss":2.0,"gradient_norm":1.0}
        {"images":64,"loss":1.0,"gradient_norm":null}
        """);
    assertEquals(0, run("curves", run.toString(), run + "/.", "--out", png), err);
    assertEquals("curves: " + png, out.strip());
    assertEquals(1600, ImageIO.read(new File(png)).getWidth());
    String[] many = new String[11];
    Arrays.fill(many, run.toString());
    many[0] = "curves";
    many[9] = "--out";
    many[10] = png;
    assertBadUsage("cvs curves: 8 runs, expected 1 to 7 in one image", many);
    String missing = folder.resolve("missing").toString();
    assertFails(
        "cvs curves: " + missing + ": no such file or folder", "curves", missing, "--out", png);
  }

  @Test
  void inspectTellsSoundModelsFromBroken() throws IOException {
    String model = model().toString();
    assertEquals(0, run("inspect", model), err);
    assertTrue(out.contains("GFLOP a pass") && out.contains("verdict     sound"), out);
    writeModel(Float.NaN);
    assertEquals(1, run("inspect", model), err);
    assertTrue(out.contains("problem     unet.out.conv.weight is not finite"), out);
  }

  @Test
  void rendersOnceAndInspects() throws IOException {
    Path set = folder.resolve("set");
    String[] render = {
      "render", "--procedural", "3", "--views", "2", "--size", "16", "--out", set.toString()
    };
    assertEquals(0, run(with(render, "--shard", "0/2")), err);
    assertTrue(out.contains("2 objects rendered, 0 skipped, 0 kept"), out);
    assertTrue(err.contains("render 2/2 objects, 100 %"), err);
    assertTrue(Files.exists(set.resolve("split.json")));
    byte[] image = Files.readAllBytes(set.resolve("chair-000000/000.png"));

    assertEquals(0, run(render), err);
    assertTrue(out.contains("1 objects rendered, 0 skipped, 2 kept"), out);
    assertArrayEquals(image, Files.readAllBytes(set.resolve("chair-000000/000.png")));
    assertFails(
        "cvs render: " + set + ": holds 2 views an object of 16 pixels, not 5 of 16",
        Arrays.stream(render).map(arg -> arg.equals("2") ? "5" : arg).toArray(String[]::new));

    assertEquals(0, run("inspect", set.toString()), out);
    assertTrue(out.contains("objects     3"), out);
    Files.write(set.resolve("chair-000000/000.png"), new byte[10]);
    assertEquals(1, run("inspect", set.toString()));
    assertTrue(out.contains("spoils training"), out);
  }

  @Test
  void rendersVariantsBesideTheirObjects() throws IOException {
    Path mesh =
        Files.writeString(
            folder.resolve("wedge.obj"),
            "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 2\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 3 1 4\n");
    Path set = folder.resolve("set");
    String[] render = {
      "render", "--meshes", "" + mesh, "--views", "2", "--size", "16", "--out", "" + set
    };
    assertEquals(0, run(render), err);
    byte[] image = Files.readAllBytes(set.resolve("wedge/000.png"));
    String[] varied = with(render, "--variants", "3", "--hue", "180");
    assertEquals(0, run(varied), err);
    assertTrue(out.contains("2 objects rendered, 0 skipped, 1 kept"), out);
    assertArrayEquals(image, Files.readAllBytes(set.resolve("wedge/000.png")));
    assertEquals(0, run(varied), err);
    assertTrue(out.contains("0 objects rendered, 0 skipped, 3 kept"), out);
    assertEquals(0, run("inspect", set.toString()), out);
    assertTrue(
        out.contains("2 objects are copies or variants of others: wedge~v1 of wedge, wedge~v2 of"),
        out);
  }

  @Test
  void benchPrintsPartsTimesAndMemory() {
    String random = folder.resolve("random").toString();
    String[] bench = {"bench", "view", "--model-preset", "tiny64", "--runs", "1", "--out", random};
    assertEquals(
        0, run(with(bench, "--device", "cpu", "--steps", "1,2", "--views", "1,3", "--soak")), err);
    assertTrue(out.contains("unet") && out.contains("refine"), out);
    assertEquals(4, out.lines().filter(line -> line.matches(" +[12] +[13] .*")).count(), out);
    // Memory itself is for the bench to say; that no array stays is exact.
    assertTrue(out.contains("left 0 arrays"), out);
    assertEquals(0, run("inspect", random), err);
    assertTrue(out.contains("none: random weights"), out);
    String[] data = {"bench", "data", "--objects", "2", "--pairs", "3200", "--threads", "1"};
    assertEquals(0, run(data), err);
    assertEquals(2, out.lines().filter(line -> line.startsWith("images of ")).count(), out);
    assertEquals(3, out.lines().filter(line -> line.startsWith("pairs of 64")).count(), out);
    assertBadUsage(
        "cvs bench data: --pairs is 5, expected 32 or more", "bench", "data", "--pairs", "5");
    assertBadUsage("cvs bench view: --steps is 5, expected 1 to 4", with(bench, "--steps", "1,5"));
  }
}
