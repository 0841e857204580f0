package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.splat.file.SplatFiles;
import com.google.gson.Gson;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** {@code cvs splat}. */
class SplatVerbTest extends CommandTest {
  private static final String[] SMALL = {
    "--gaussians", "300", "--steps", "120", "--orbit-views", "3", "--orbit-size", "32"
  };

  private String set(int objects) {
    String set = folder.resolve("set").toString();
    String[] command = {"render", "--procedural", "" + objects, "--views", "10", "--size", "32"};
    assertEquals(0, run(with(command, "--out", set)), err);
    return set;
  }

  private JsonValue report(String folder) throws IOException {
    Path file = Path.of(folder, "report.json");
    return Json.parse(Files.readString(file), file.toString()).get("objects").items().get(0);
  }

  @Test
  void viewsBecomeGaussiansThatCanBeDrawn() throws IOException {
    String set = set(1);
    String to = folder.resolve("splat").toString();
    String[] command = with(SMALL, "--data", set, "--out", to);
    assertEquals(0, run(with(new String[] {"splat"}, command)), err);
    assertTrue(out.contains(" Gaussians, held out "), out);
    assertTrue(report(to).get("psnr").number() > 15, out);
    byte[] first = Files.readAllBytes(Path.of(to, "splat.ply"));
    // Again: nothing is left to do, and the result is the same.
    assertEquals(0, run(with(new String[] {"splat"}, command)), err);
    assertTrue(err.contains("goes on at step 120"), err);
    assertArrayEquals(first, Files.readAllBytes(Path.of(to, "splat.ply")));

    String drawn = folder.resolve("drawn").toString();
    String file = Path.of(to, "splat.ply").toString();
    assertEquals(
        0,
        run("splat", "--render", file, "--orbit-views", "3", "--orbit-size", "32", "--out", drawn),
        err);
    assertTrue(out.contains(" Gaussians, harmonics of degree 0"), out);
    assertArrayEquals(
        Files.readAllBytes(Path.of(to, "orbit.gif")),
        Files.readAllBytes(Path.of(drawn, "orbit.gif")));
  }

  @Test
  void severalObjectsHaveAFolderEach() {
    String set = set(2);
    String to = folder.resolve("splats").toString();
    String[] command = {"splat", "--gaussians", "100", "--steps", "5", "--data", set};
    assertEquals(
        0, run(with(command, "--orbit-views", "2", "--orbit-size", "16", "--out", to)), err);
    assertTrue(out.contains("mean of 2 objects: held out "), out);
  }

  @Test
  void capturesWithoutMasksBecomeScenes() throws IOException {
    Path from = folder.resolve("capture");
    List<Map<String, Object>> frames = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      CameraPose pose = CameraPose.orbit(0.2 * i, 0.5 + 0.1 * (i % 2), 2);
      BufferedImage image = floor(pose);
      Path file = from.resolve("images/" + i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
      double[] matrix = NerfstudioPose.fromCameraPose(pose);
      List<double[]> rows = new ArrayList<>();
      for (int row = 0; row < 4; row++) {
        rows.add(Arrays.copyOfRange(matrix, 4 * row, 4 * row + 4));
      }
      frames.add(Map.of("file_path", "images/" + i + ".png", "transform_matrix", rows));
    }
    String json = new Gson().toJson(Map.of("fl_x", 40, "w", 32, "h", 32, "frames", frames));
    Files.writeString(from.resolve("transforms.json"), json);
    String to = folder.resolve("scene").toString();
    String[] command = {"splat", "--from", from.toString(), "--size", "32", "--out", to};
    assertEquals(0, run(with(command, SMALL)), err);
    assertTrue(report(to).get("psnr").number() > 18, out);

    // Files that cannot be read, and a camera that is nowhere, are left out and named.
    Files.write(from.resolve("images/3.png"), new byte[0]);
    byte[] whole = Files.readAllBytes(from.resolve("images/4.png"));
    Files.write(from.resolve("images/4.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.delete(from.resolve("images/5.png"));
    Files.writeString(
        from.resolve("transforms.json"), json.replaceFirst("\\[\\[[-0-9.]+,", "[[NaN,"));
    String other = folder.resolve("less").toString();
    command[command.length - 1] = other;
    assertEquals(0, run(with(command, SMALL)), err);
    assertTrue(err.contains("4 frames"), err);
  }

  /** Photographs a floor with a pattern. */
  private static BufferedImage floor(CameraPose pose) {
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 32 * 32; i++) {
      double[] inCamera = {(i % 32 - 15.5) / 40, (Math.floorDiv(i, 32) - 15.5) / 40, 1};
      double[] ray = Vectors.multiplyTransposed(pose.rotation(), inCamera);
      double depth = -pose.position()[2] / ray[2];
      double x = pose.position()[0] + depth * ray[0];
      double y = pose.position()[1] + depth * ray[1];
      float light = (float) (0.5 + 0.2 * Math.sin(9 * x + 4 * y) + 0.2 * Math.cos(11 * y));
      image.setRGB(i % 32, i / 32, new Color(light, 0.3f, 1 - light).getRGB());
    }
    return image;
  }

  /** The bundled model's volume becomes Gaussians without a step. */
  @Test
  void aPhotographBecomesGaussiansAtOnce() throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(90, 50, 60));
    graphics.fillRect(16, 16, 32, 32);
    graphics.dispose();
    Path photograph = folder.resolve("photograph.png");
    ImageIO.write(image, "png", photograph.toFile());
    String to = folder.resolve("instant").toString();
    String[] command = {"splat", "--instant", "--gaussians", "500", "--orbit-views", "2"};
    String[] more = {"--image", photograph.toString(), "--orbit-size", "16", "--also", "spz"};
    assertEquals(0, run(with(with(command, more), "--out", to)), err);
    Path made = Path.of(to, "splat.ply");
    assertTrue(out.contains(" Gaussians: " + made), out);
    assertTrue(SplatFiles.read(made).size() > 10, out);
    assertTrue(Files.exists(Path.of(to, "orbit.gif")));
    assertTrue(Files.exists(Path.of(to, "splat.spz")));
  }

  @Test
  void settingsComeFromARecipe() throws IOException {
    String set = set(1);
    Path recipe = folder.resolve("recipe.json");
    Files.writeString(recipe, "{\"steps\": 3, \"gaussians\": 50, \"losses\": {\"opacity\": 0.1}}");
    String to = folder.resolve("splat").toString();
    String[] command = {"splat", "--data", set, "--recipe", recipe.toString(), "--out", to};
    assertEquals(0, run(with(command, "--orbit-views", "1", "--orbit-size", "16")), err);
    String kept = Files.readString(Path.of(to, "recipe.json"));
    assertTrue(kept.contains("\"opacity\": 0.1"), kept);
    Files.writeString(recipe, "{\"losses\": {\"opacty\": 0.1}}");
    String other = folder.resolve("other").toString();
    command[6] = other;
    assertFails("cvs splat: " + recipe, command);
    assertTrue(err.contains("opacty"), err);
  }

  @Test
  void wrongInputIsNamed() {
    String to = folder.resolve("to").toString();
    assertFails(
        "cvs splat: " + folder.resolve("none") + ": no such file or folder",
        "splat",
        "--data",
        folder.resolve("none").toString(),
        "--out",
        to);
    assertEquals(2, run("splat", "--out", to));
    assertBadUsage(
        "cvs splat: --orbit-views is 0, expected 1 to 1000",
        "splat",
        "--render",
        "a.ply",
        "--orbit-views",
        "0",
        "--out",
        to);
    String set = set(1);
    assertEquals(2, run("splat", "--data", set, "--object", "none", "--out", to));
    assertTrue(err.startsWith("cvs splat: --object is \"none\", expected one of 1: "), err);
    assertBadUsage(
        "cvs splat: shDegree is 4.0, expected 0.0 to 3.0",
        "splat",
        "--data",
        set,
        "--sh",
        "4",
        "--out",
        to);
  }
}
