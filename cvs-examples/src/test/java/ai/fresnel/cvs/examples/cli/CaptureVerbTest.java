package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import com.google.gson.Gson;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** {@code cvs capture}, and folders that are given as a point. */
class CaptureVerbTest extends CommandTest {

  /** A ball of which a ring of cameras shows the same disc, as nerfstudio's frames. */
  private static void ball(Path root, int frames, int listed) throws IOException {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < listed; i++) {
      BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_ARGB);
      Graphics2D graphics = image.createGraphics();
      graphics.setColor(new Color(90, 20 * (i % 10), 150));
      graphics.fillOval(8, 8, 16, 16);
      graphics.dispose();
      Path file = root.resolve("images/" + i + ".png");
      Files.createDirectories(file.getParent());
      if (i < frames) {
        ImageIO.write(image, "png", file.toFile());
      }
      CameraPose pose = CameraPose.orbit(2 * Math.PI * i / listed, 0.3, 2);
      double[] matrix = NerfstudioPose.fromCameraPose(pose);
      List<double[]> rows = new ArrayList<>();
      for (int row = 0; row < 4; row++) {
        rows.add(java.util.Arrays.copyOfRange(matrix, 4 * row, 4 * row + 4));
      }
      // Absolute, as some tools write it.
      all.add(Map.of("file_path", file.toAbsolutePath().toString(), "transform_matrix", rows));
    }
    String json = new Gson().toJson(Map.of("fl_x", 40, "w", 32, "h", 32, "frames", all));
    Files.writeString(root.resolve("transforms.json"), json);
  }

  @Test
  void framesThatAreMissingAreCounted() throws IOException {
    Path from = folder.resolve("ball");
    ball(from, 6, 9);
    String set = folder.resolve("set").toString();
    String[] capture = {"capture", "--from", from.toString(), "--size", "16", "--out", set};
    assertEquals(0, run(capture), err);
    String first = from.resolve("images/6.png").toAbsolutePath().toString();
    assertTrue(err.contains("ball: 3 frames left out, the first " + first + ": is missing"), err);
    assertTrue(out.contains("1 objects taken, 0 skipped, 0 kept"), out);
    assertTrue(out.contains("3 of their frames left out"), out);
    assertFails(
        "cvs capture: " + from.resolve("transforms.json") + ": is a file, expected the folder",
        "capture",
        "--from",
        from.resolve("transforms.json").toString(),
        "--out",
        set);
    assertEquals(0, run("inspect", set), out);
    assertTrue(out.contains("views       6"), out);
  }

  /** A relative folder, with absolute paths inside. */
  @Test
  void relativeFolders() throws IOException {
    Path from = folder.resolve("ball");
    ball(from, 4, 4);
    Path relative = Path.of("").toAbsolutePath().relativize(from.toAbsolutePath());
    String set = folder.resolve("set").toString();
    assertEquals(0, run("capture", "--from", relative + "", "--size", "16", "--out", set), err);
    Path link = Files.createSymbolicLink(folder.resolve("link"), from);
    assertEquals(0, run("capture", "--from", link + "", "--size", "16", "--out", set), err);
  }

  @Test
  void oneObjectDoesNotEndTheRun() throws IOException {
    for (String category : List.of("apple", "pear")) {
      Path file = folder.resolve("co3d/" + category + "/frame_annotations.jgz");
      Files.createDirectories(file.getParent());
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
        String frame = "{\"sequence_name\": \"1\", \"image\": {\"path\": \"x\", \"size\": \"y\"}}";
        String text = category.equals("apple") ? "[" + frame + "]" : "[" + frame;
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
    }
    String from = folder.resolve("co3d").toString();
    assertEquals(1, run("capture", "--from", from, "--out", folder.resolve("set") + ""));
    assertTrue(err.contains("apple_1 skipped: "), err);
    assertTrue(err.contains("pear skipped: " + from + "/pear/frame_annotations.jgz: "), err);
    assertTrue(out.contains("0 objects taken, 2 skipped, 0 kept"), out);
  }

  /** Runs the command several times in the folder that the process was started in. */
  static final class Runs {

    private Runs() {}

    /** The arguments are those of the runs, with semicolons between them. */
    public static void main(String[] args) {
      PrintWriter writer = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
      for (String run : String.join(" ", args).split(";", -1)) {
        int status = Cvs.run(writer, writer, run.strip().split(" ", -1));
        writer.println("status " + status + " of " + run.strip());
      }
      writer.flush();
    }
  }

  @Test
  void aPointIsAFolder() throws Exception {
    ball(folder, 4, 4);
    Path set = Files.createDirectory(folder.resolve("set"));
    String render = "render --procedural 2 --views 2 --size 16 --out .";
    inFolder(set, render, render, "inspect .", "inspect ./", "inspect ../set");
    inFolder(folder, "capture --from . --size 16 --out other");
  }

  /** Asserts that all runs end with status 0. */
  private void inFolder(Path where, String... runs) throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                Runs.class.getName(),
                String.join(";", runs))
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    String text = Files.readString(output);
    assertEquals(
        runs.length, text.lines().filter(line -> line.startsWith("status 0 of")).count(), text);
  }
}
