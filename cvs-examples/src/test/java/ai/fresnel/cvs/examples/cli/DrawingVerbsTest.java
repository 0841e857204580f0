package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.model.ModelFolder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;

/** The verbs that draw views, and export, whose result they read. */
class DrawingVerbsTest extends CommandTest {

  @Test
  void viewWritesTheImagesOfItsSeeds() throws IOException {
    String model = model().toString();
    String photo = photo().toString();
    Path three = folder.resolve("new/three.png");
    String[] view = {"view", "--image", photo, "--model", model, "--azimuth", "60"};
    assertEquals(0, run(with(view, "--samples", "3", "--out", three.toString())), err);
    assertEquals(three + System.lineSeparator(), out);
    Path second = folder.resolve("second.png");
    assertEquals(
        0, run(with(view, "--seed", "1", "--steps", "1", "--out", second.toString())), err);
    BufferedImage row = ImageIO.read(three.toFile());
    BufferedImage one = ImageIO.read(second.toFile());
    assertEquals(48, row.getWidth());
    assertEquals(16, one.getWidth());
    int[] expected = one.getRaster().getPixels(0, 0, 16, 16, (int[]) null);
    int[] actual = row.getRaster().getPixels(16, 0, 16, 16, (int[]) null);
    int[] other = row.getRaster().getPixels(0, 0, 16, 16, (int[]) null);
    for (int i = 0; i < expected.length; i++) {
      // Other batches may round otherwise.
      assertEquals(expected[i], actual[i], 1);
    }
    assertFalse(Arrays.equals(actual, other), "seeds do not matter");
  }

  @Test
  void furtherPhotographsCount() throws IOException {
    String photo = photo().toString();
    Path one = folder.resolve("one.png");
    Path two = folder.resolve("two.png");
    // The bundled model has a volume.
    String[] view = {"view", "--image", photo, "--azimuth", "120"};
    assertEquals(0, run(with(view, "--out", "" + one)), err);
    String[] also = with(view, "--also", photo + "@180,10", "--out", "" + two);
    assertEquals(0, run(also), err);
    assertFalse(Arrays.equals(Files.readAllBytes(one), Files.readAllBytes(two)));
    for (String wrong : List.of("photo.png", "@90", "photo.png@", "photo.png@1,2,3,4", "p.png@x")) {
      assertBadUsage(
          "cvs view: --also is \""
              + wrong
              + "\", expected FILE@AZIMUTH[,ELEVATION[,RADIUS]], such as"
              + " back.png@180,20",
          with(view, "--out", "" + two, "--also", wrong));
    }
    assertBadUsage(
        "cvs view: camera's elevation is 99.0 degrees, expected -90 to 90",
        with(view, "--out", "" + two, "--also", photo + "@0,99"));
  }

  @Test
  void theCameraIsEstimatedOrSaid() throws IOException {
    String out = folder.resolve("v.png").toString();
    String[] view = {"view", "--image", photo().toString(), "--out", out, "--source-elevation"};
    assertEquals(0, run(with(view, "auto")), err);
    assertTrue(
        err.matches("photograph's elevation: -?\\d+ ± \\d+ degrees \\(estimated\\)\\R"), err);
    assertEquals(0, run(with(view, "-12.5")), err);
    assertEquals("", err);
    assertEquals(0, run(with(view, "auto", "--model", model().toString())), err);
    assertTrue(err.startsWith("photograph's elevation: 20 degrees (assumed: there is no"), err);
    assertEquals(1, err.lines().count(), err);
    for (String wrong : List.of("91", "NaN", "high", "")) {
      assertBadUsage(
          "cvs view: --source-elevation is \"" + wrong + "\", expected auto or -90 to 90 degrees",
          with(view, wrong));
    }
    assertBadUsage(
        "cvs splat: --source-elevation is \"x\", expected auto or -90 to 90 degrees",
        "splat",
        "--image",
        photo().toString(),
        "--out",
        folder.resolve("s").toString(),
        "--source-elevation",
        "x");
  }

  /** At 0 the seed is without effect, which is said; at the model's own, 1, it is not. */
  @Test
  void temperatureScalesTheNoise() throws IOException {
    String photo = photo().toString();
    Path one = folder.resolve("one.png");
    String[] view = {"view", "--image", photo, "--model", "" + model(), "--out", "" + one};
    assertEquals(0, run(with(view, "--temperature", "0", "--samples", "2")), err);
    assertTrue(err.contains("note: at temperature 0 all samples of one pass are equal"), err);
    BufferedImage row = ImageIO.read(one.toFile());
    assertClose(row.getSubimage(0, 0, 16, 16), row.getSubimage(16, 0, 16, 16));
    assertEquals(0, run(with(view, "--temperature", "1", "--samples", "2")), err);
    assertFalse(err.contains("note:"), err);
    assertEquals(0, run(with(view, "--samples", "2")), err);
    assertFalse(err.contains("note:"), err);
    assertBadUsage(
        "cvs view: --temperature is 1.5, expected 0 to 1", with(view, "--temperature", "1.5"));
    String around = folder.resolve("still").toString();
    String[] orbit = {"orbit", "--image", photo, "--model", "" + model(), "--out", around};
    assertEquals(0, run(with(orbit, "--views", "2", "--temperature", "0.5")), err);
    assertBadUsage(
        "cvs orbit: --temperature is -1.0, expected 0 to 1", with(orbit, "--temperature=-1"));
  }

  @Test
  void orbitWritesViewsCamerasSheetAndAnimation() throws IOException {
    String model = model().toString();
    Path around = folder.resolve("around");
    String[] orbit = {
      "orbit", "--image", photo().toString(), "--model", model, "--out", around.toString()
    };
    orbit = with(orbit, "--source-elevation", "20");
    assertEquals(0, run(with(orbit, "--views", "4", "--elevation", "10")), err);
    Path sheet = around.resolve("sheet.png");
    Path gif = around.resolve("orbit.gif");
    assertEquals(List.of(sheet.toString(), gif.toString()), out.lines().toList());

    JsonObject cameras =
        JsonParser.parseString(Files.readString(around.resolve("transforms.json")))
            .getAsJsonObject();
    assertEquals(16, cameras.get("w").getAsInt());
    assertEquals(16 * 1.0940, cameras.get("fl_x").getAsDouble(), 0.01);
    assertEquals(4, cameras.getAsJsonArray("frames").size());
    JsonObject second = cameras.getAsJsonArray("frames").get(1).getAsJsonObject();
    assertEquals("001.png", second.get("file_path").getAsString());
    double[] matrix = new double[16];
    for (int i = 0; i < 16; i++) {
      matrix[i] =
          second
              .getAsJsonArray("transform_matrix")
              .get(i / 4)
              .getAsJsonArray()
              .get(i % 4)
              .getAsDouble();
    }
    CameraPose camera = NerfstudioPose.toCameraPose(matrix);
    assertEquals(Math.PI / 2, camera.azimuth(), 1e-9);
    assertEquals(Math.toRadians(30), camera.elevation(), 1e-9);

    // The view of the same camera alone.
    Path alone = folder.resolve("alone.png");
    String[] view = {"view", "--image", photo().toString(), "--model", model};
    assertEquals(
        0, run(with(view, "--azimuth", "90", "--elevation", "10", "--out", alone.toString())), err);
    assertClose(ImageIO.read(alone.toFile()), ImageIO.read(around.resolve("001.png").toFile()));

    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(gif.toFile())) {
      reader.setInput(in);
      assertEquals(4, reader.getNumImages(true));
      assertEquals(192, reader.read(3).getWidth());
      String metadata = new String(Files.readAllBytes(gif), StandardCharsets.ISO_8859_1);
      assertTrue(metadata.contains("NETSCAPE2.0\u0003\u0001\u0000\u0000\u0000"));
    } finally {
      reader.dispose();
    }
    assertBadUsage("cvs orbit: --views is 0, expected 1 to 1000", with(orbit, "--views", "0"));
    Files.writeString(folder.resolve("file"), "in the way");
    assertFails(
        "cvs orbit: " + folder.resolve("file") + ": is in the way",
        Arrays.stream(orbit)
            .map(arg -> arg.equals(around.toString()) ? folder.resolve("file").toString() : arg)
            .toArray(String[]::new));
  }

  /**
   * A smaller orbit in the same folder leaves nothing of the larger one, and all that is not one.
   */
  @Test
  void anOrbitReplacesAnEarlierOne() throws IOException {
    Path around = folder.resolve("around");
    String[] orbit = {
      "orbit", "--image", photo().toString(), "--model", model().toString(), "--out"
    };
    orbit = with(orbit, around.toString(), "--views");
    assertEquals(0, run(with(orbit, "4")), err);
    Files.writeString(around.resolve("100.png"), "the user's");
    assertEquals(0, run(with(orbit, "2")), err);
    try (Stream<Path> files = Files.list(around)) {
      assertEquals(
          List.of("000.png", "001.png", "100.png", "orbit.gif", "sheet.png", "transforms.json"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void aFolderIsNoImageToWrite() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty.png"));
    String[] view = {"view", "--image", photo().toString(), "--model", model().toString(), "--out"};
    assertFails(
        "cvs view: " + empty + ": is a folder, expected the name of a file",
        with(view, empty.toString()));
    assertTrue(Files.isDirectory(empty));
  }

  @Test
  void camerasFarFromTrainingAreWarnedOf() throws IOException {
    String[] view = {"view", "--image", photo().toString(), "--model", model().toString(), "--out"};
    view = with(view, folder.resolve("v.png").toString(), "--source-elevation", "20");
    assertEquals(0, run(with(view, "--radius", "100")), err);
    assertEquals(
        List.of(
            "cvs view: warning: a view's camera is 100 object lengths away; models are trained with"
                + " 1.5 to 2.2, views may show nothing of the object"),
        err.lines().toList());
    assertEquals(0, run(with(view, "--source-radius", "0.3")), err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith("cvs view: warning: the photograph's camera is 0.300 object"), err);
    assertEquals(0, run(with(view, "--radius", "2.2", "--source-radius", "1.5")), err);
    assertEquals("", err);
  }

  @Test
  void exportHalvesTheWeights() throws IOException {
    String model = model().toString();
    Path half = folder.resolve("half");
    assertEquals(0, run("export", "--model", model, "--out", half.toString()), err);
    long whole = Files.size(Path.of(model).resolve(ModelFolder.WEIGHTS));
    assertTrue(Files.size(half.resolve(ModelFolder.WEIGHTS)) < 0.7 * whole);
    Path exact = folder.resolve("exact.png");
    Path rounded = folder.resolve("rounded.png");
    String photo = photo().toString();
    assertEquals(0, run("view", "--image", photo, "--model", model, "--out", exact.toString()));
    assertEquals(
        0, run("view", "--image", photo, "--model", half.toString(), "--out", rounded.toString()));
    int[] one = ImageIO.read(exact.toFile()).getRaster().getPixels(0, 0, 16, 16, (int[]) null);
    int[] other = ImageIO.read(rounded.toFile()).getRaster().getPixels(0, 0, 16, 16, (int[]) null);
    for (int i = 0; i < one.length; i++) {
      assertEquals(one[i], other[i], 8);
    }
  }

  private static void assertClose(BufferedImage expected, BufferedImage actual) {
    int[] one = expected.getRaster().getPixels(0, 0, 16, 16, (int[]) null);
    int[] other = actual.getRaster().getPixels(0, 0, 16, 16, (int[]) null);
    for (int i = 0; i < one.length; i++) {
      // Other batches may round otherwise.
      assertEquals(one[i], other[i], 1);
    }
  }
}
