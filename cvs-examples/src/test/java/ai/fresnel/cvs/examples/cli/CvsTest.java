package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.ViewModel;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CvsTest extends CommandTest {

  @TempDir Path folder;

  private void assertBadUsage(String expected, String... args) {
    assertEquals(2, run(args), err);
    List<String> lines = err.lines().toList();
    assertEquals(expected, lines.get(0));
    assertTrue(lines.get(lines.size() - 1).startsWith("Try: cvs"), err);
  }

  private void assertFails(String expected, String... args) {
    assertEquals(1, run(args), err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith(expected), err);
  }

  /** A model folder with random weights. */
  private Path model(float scale) throws IOException {
    ModelConfig config =
        ModelConfig.builder("tiny16", 16)
            .kind(ModelConfig.Kind.CONSISTENCY)
            .codec(c -> c.withFold(2))
            .conditioner(c -> c.withDetailChannels(8).withTokenGrid(4).withTokenChannels(16))
            .unet(
                u ->
                    u.channels(8, 16)
                        .attentionDepth(0, 1)
                        .headChannels(8)
                        .groups(4)
                        .embeddingChannels(16))
            .build();
    Path path = folder.resolve("model");
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ViewModel network = new ViewModel(config);
      Weights.initialize(network, manager, 1);
      Weights.freeze(network, true);
      Map<String, NDArray> weights = Weights.arrays(network);
      for (NDArray weight : weights.values()) {
        // No layer silent, as some are at the start of training.
        weight.addi(manager.randomNormal(0, 0.2f, weight.getShape(), DataType.FLOAT32));
      }
      weights.get("unet.out.conv.weight").muli(scale);
      Provenance provenance =
          Provenance.builder().data("none").created(Instant.parse("2026-01-01T00:00:00Z")).build();
      ModelFolder.write(path, config, weights, provenance);
    }
    return path;
  }

  private Path photo() throws IOException {
    BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_ARGB);
    for (int i = 5; i < 15; i++) {
      image.setRGB(2 * i, i, 0xFF3050A0);
    }
    Path file = folder.resolve("photo.png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  @Test
  void everyVerbHasHelp() {
    for (String verb :
        new String[] {
          "demo",
          "view",
          "orbit",
          "render",
          "capture",
          "inspect",
          "curves",
          "evaluate",
          "export",
          "bench",
          "doctor",
          "rocm-pack"
        }) {
      assertEquals(0, run(verb, "--help"));
      assertTrue(out.startsWith("Usage: cvs " + verb), out);
      assertTrue(out.contains("--seed"), out);
      assertEquals("", err);
    }
    assertEquals(0, run("--help"));
  }

  @Test
  void badUsageIsStatus2WithAHint() {
    assertBadUsage("cvs: no verb given");
    assertBadUsage("cvs: Unmatched argument at index 0: 'vew'", "vew");
    assertTrue(err.contains("Did you mean: cvs view"), err);
    assertBadUsage(
        "cvs view: Missing required option: '--out=FILE.png'",
        "view",
        "--image",
        "a",
        "--model",
        "b");
    String[] view = {"view", "--image", "a", "--model", "b", "--out", "c.png"};
    assertBadUsage(
        "cvs view: Invalid value for option '--azimuth': 'x' is not a double",
        with(view, "--azimuth", "x"));
    assertBadUsage(
        "cvs view: camera's elevation is 120.0 degrees, expected -90 to 90",
        with(view, "--elevation", "100"));
    assertBadUsage("cvs view: --samples is 0, expected 1 to 256", with(view, "--samples", "0"));
    String[] render = {"render", "--out", folder.toString(), "--procedural", "2"};
    assertBadUsage(
        "cvs render: --shard is 1, expected I/N such as 0/4", with(render, "--shard", "1"));
    assertBadUsage("cvs render: shard 2 of 2, expected 0..1", with(render, "--shard", "2/2"));
    assertBadUsage("cvs render: size 4, expected 8..1024", with(render, "--size", "4"));
    assertEquals(2, run("render", "--out", "x"));
    assertEquals(2, run(with(render, "--meshes", "y")));
    assertBadUsage(
        "cvs bench view: --device is tpu, expected cpu, gpu or gpu:I",
        "bench",
        "view",
        "--model-preset",
        "tiny64",
        "--device",
        "tpu");
  }

  private static String[] with(String[] args, String... more) {
    String[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return all;
  }

  @Test
  void failuresAreStatus1OnOneLine() throws IOException {
    String missing = folder.resolve("missing").toString();
    String output = folder.resolve("v.png").toString();
    assertFails("cvs inspect: " + missing + ": no such file or folder", "inspect", missing);
    assertFails(
        "cvs render: " + missing + ": no such file or folder",
        "render",
        "--meshes",
        missing,
        "--out",
        folder.resolve("set").toString());
    assertFails(
        "cvs view: " + missing + ": no such file or folder",
        "view",
        "--image",
        missing,
        "--model",
        missing,
        "--out",
        output);
    String photo = photo().toString();
    assertFails(
        "cvs view: " + missing + ": expected a model folder",
        "view",
        "--image",
        photo,
        "--model",
        missing,
        "--out",
        output);
    String text = Files.writeString(folder.resolve("text.png"), "no image").toString();
    assertFails(
        "cvs view: " + text + ": no image that can be read",
        "view",
        "--image",
        text,
        "--model",
        missing,
        "--out",
        output);
    String model = model(1).toString();
    assertFails(
        "cvs view: steps is 9, expected one of [1, 2, 3, 4]",
        "view",
        "--image",
        photo,
        "--model",
        model,
        "--out",
        output,
        "--steps",
        "9");
    assertFalse(Files.exists(Path.of(output)));
    assertEquals(1, run("inspect", missing, "--debug"));
    assertTrue(err.contains("\tat ai.fresnel.cvs"), err);
  }

  @Test
  void viewWritesTheImagesOfItsSeeds() throws IOException {
    String model = model(1).toString();
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
  void orbitWritesViewsCamerasSheetAndAnimation() throws IOException {
    String model = model(1).toString();
    Path around = folder.resolve("around");
    String[] orbit = {
      "orbit", "--image", photo().toString(), "--model", model, "--out", around.toString()
    };
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

  private static void assertClose(BufferedImage expected, BufferedImage actual) {
    int[] one = expected.getRaster().getPixels(0, 0, 16, 16, (int[]) null);
    int[] other = actual.getRaster().getPixels(0, 0, 16, 16, (int[]) null);
    for (int i = 0; i < one.length; i++) {
      // Other batches may round otherwise.
      assertEquals(one[i], other[i], 1);
    }
  }

  @Test
  void exportHalvesTheWeights() throws IOException {
    String model = model(1).toString();
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
    String model = model(1).toString();
    assertEquals(0, run("inspect", model), err);
    assertTrue(out.contains("GFLOP a pass") && out.contains("verdict     sound"), out);
    model(Float.NaN);
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
