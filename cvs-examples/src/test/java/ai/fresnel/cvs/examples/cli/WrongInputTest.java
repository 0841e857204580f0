package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelConfigBuilder;
import ai.fresnel.cvs.model.ModelFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are not what they should be: one clear line, exit status 1, nothing half written. */
class WrongInputTest {

  @TempDir Path folder;

  private Path model;
  private Path photo;
  private Path output;

  @BeforeEach
  void writeGoodInput() throws IOException {
    model = folder.resolve("model");
    writeModel(model, config().build());
    photo = image("photo.png", 24, 24);
    output = folder.resolve("v.png");
  }

  private static ModelConfigBuilder config() {
    return ModelConfig.builder("tiny8", 8)
        .kind(ModelConfig.Kind.CONSISTENCY)
        .conditioner(c -> c.withDetailChannels(4).withTokenGrid(4).withTokenChannels(4))
        .unet(u -> u.channels(4).groups(2).embeddingChannels(4));
  }

  private static void writeModel(Path path, ModelConfig config) throws IOException {
    RandomModel.write(path, config, (manager, weights) -> {});
  }

  private Path image(String name, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(width / 2, height / 2, 0xFF3050A0);
    Path file = folder.resolve(name);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private String[] view(Path image, Path modelFolder) {
    return new String[] {
      "view",
      "--image",
      image.toString(),
      "--model",
      modelFolder.toString(),
      "--azimuth",
      "30",
      "--out",
      output.toString()
    };
  }

  private void assertFails(String expected, String... args) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Cvs.run(new PrintWriter(out), new PrintWriter(err), args);
    assertEquals(1, status, err.toString());
    assertEquals("", out.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().startsWith(expected), err.toString());
    assertFalse(Files.exists(output));
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".writing")), "left behind");
    }
  }

  @Test
  void goodInputIsFine() throws IOException {
    StringWriter err = new StringWriter();
    PrintWriter text = new PrintWriter(err);
    assertEquals(0, Cvs.run(text, text, view(photo, model)), err.toString());
    assertTrue(Files.exists(output));
  }

  @Test
  void photographs() throws IOException {
    Path missing = folder.resolve("missing.png");
    assertFails("cvs view: " + missing + ": no such file or folder", view(missing, model));
    Path text = Files.writeString(folder.resolve("text.png"), "no image");
    assertFails("cvs view: " + text + ": no image that can be read", view(text, model));
    Path dot = image("dot.png", 1, 1);
    assertFails("cvs view: " + dot + ": photograph is 1×1 pixels, expected", view(dot, model));
    Path huge = huge();
    assertFails("cvs view: " + huge + ": image has 20000×20000 pixels", view(huge, model));
    byte[] bytes = Files.readAllBytes(photo);
    Path cut = Files.write(folder.resolve("cut.png"), Arrays.copyOf(bytes, bytes.length - 40));
    assertFails("cvs view: " + cut + ": damaged image", view(cut, model));
    Path jpeg = folder.resolve("cut.jpg");
    ImageIO.write(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB), "jpg", jpeg.toFile());
    bytes = Files.readAllBytes(jpeg);
    Files.write(jpeg, Arrays.copyOf(bytes, bytes.length - 40));
    assertFails("cvs view: " + jpeg + ": damaged image", view(jpeg, model));
    assertFails("cvs view: " + folder, view(folder, model));
    String[] masked = Arrays.copyOf(view(photo, model), 11);
    masked[9] = "--mask";
    masked[10] = image("mask.png", 10, 10).toString();
    assertFails("cvs view: mask is 10×10 pixels, expected the photograph's 24×24", masked);
    masked[9] = "--box";
    masked[10] = "30,0,5,5";
    assertFails("cvs view: " + photo + ": box 30,0,5,5 has less than a pixel of the", masked);
    masked[10] = "a,b";
    assertFails("cvs view: " + photo + ": box is a,b, expected X,Y,WIDTH,HEIGHT", masked);
  }

  /** A PNG whose header claims 20,000×20,000 pixels and which has none. */
  private Path huge() throws IOException {
    ByteBuffer png = ByteBuffer.allocate(33);
    png.putLong(0x89504E470D0A1A0AL).putInt(13);
    png.put("IHDR".getBytes(StandardCharsets.US_ASCII));
    png.putInt(20_000).putInt(20_000).put(new byte[] {8, 6, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(png.array(), 12, 17);
    png.putInt((int) crc.getValue());
    return Files.write(folder.resolve("huge.png"), png.array());
  }

  @Test
  void weights() throws IOException {
    Path weights = model.resolve(ModelFolder.WEIGHTS);
    byte[] good = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(good, good.length - 100));
    assertFails("cvs view: " + weights, view(photo, model));
    Files.write(weights, Arrays.copyOf(good, 5));
    assertFails("cvs view: " + weights + ": 5 bytes, too short", view(photo, model));
    byte[] claims = good.clone();
    ByteBuffer.wrap(claims).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 60);
    Files.write(weights, claims);
    assertFails(
        "cvs view: " + weights + ": the header claims 1152921504606846976 bytes",
        view(photo, model));
    Path other = folder.resolve("other");
    writeModel(other, config().unet(u -> u.channels(8)).build());
    Files.copy(other.resolve(ModelFolder.WEIGHTS), weights, StandardCopyOption.REPLACE_EXISTING);
    assertFails("cvs view: " + weights, view(photo, model));
  }

  @Test
  void weightsThatAreNotFinite() throws IOException {
    Path weights = model.resolve(ModelFolder.WEIGHTS);
    for (float broken : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      RandomModel.write(
          model,
          config().build(),
          (manager, arrays) -> {
            NDArray last = arrays.get("unet.out.conv.bias");
            last.set(new NDIndex("1"), broken);
          });
      String expected =
          ": " + weights + ": tensor \"unet.out.conv.bias\" holds NaN or infinity, expected finite";
      assertFails("cvs view" + expected, view(photo, model));
      String exported = folder.resolve("exported").toString();
      assertFails("cvs export" + expected, "export", "--model", model + "", "--out", exported);
      assertFalse(Files.exists(Path.of(exported)));
    }
  }

  @Test
  void configuration() throws IOException {
    Path config = model.resolve(ModelFolder.CONFIG);
    String good = Files.readString(config);
    Files.writeString(config, good.replace("\"formatVersion\": 2", "\"formatVersion\": 3"));
    assertFails("cvs view: " + config, view(photo, model));
    Files.writeString(config, good.replace("\"fold\": 1", "\"fold\": 3"));
    assertFails(
        "cvs view: " + config + ": codec.fold is 3, expected a power of two", view(photo, model));
    Files.delete(config);
    assertFails("cvs view: " + config + ": no such file or folder", view(photo, model));
  }

  @Test
  void meshesAndData() throws IOException {
    Path meshes = Files.createDirectory(folder.resolve("meshes"));
    Files.writeString(meshes.resolve("a.obj"), "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n");
    StringWriter err = new StringWriter();
    PrintWriter text = new PrintWriter(err);
    Path set = folder.resolve("set");
    int status =
        Cvs.run(text, text, "render", "--meshes", meshes.toString(), "--out", set.toString());
    assertEquals(1, status, err.toString());
    assertTrue(err.toString().contains("a.obj"), err.toString());
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertFails(
        "cvs train: " + empty,
        "train",
        "--data",
        empty.toString(),
        "--preset",
        "tiny64",
        "--out",
        folder.resolve("run").toString());
  }

  @Test
  void outputThatCannotBeWritten() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("file"), "");
    List<String> args = new ArrayList<>(List.of(view(photo, model)));
    args.set(args.size() - 1, inTheWay.resolve("v.png").toString());
    args.addAll(List.of("--source-elevation", "20"));
    assertFails("cvs view: " + inTheWay, args.toArray(String[]::new));
  }

  /** A limit on the size of files stands in for a full disk. */
  @Test
  void fullDisk() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "needs bash");
    String java = ProcessHandle.current().info().command().orElseThrow();
    Path target = folder.resolve("around");
    List<String> command =
        List.of(
            "/bin/bash",
            "-c",
            "ulimit -f 0; exec \"$@\"",
            "bash",
            java,
            "-XX:-UsePerfData",
            "-Djava.awt.headless=true",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            System.getProperty("java.class.path"),
            Cvs.class.getName(),
            "orbit",
            "--image",
            photo.toString(),
            "--model",
            model.toString(),
            "--source-elevation",
            "20",
            "--out",
            target.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "hangs");
    assertEquals(1, process.exitValue(), text);
    List<String> lines = text.lines().filter(line -> line.startsWith("cvs orbit: ")).toList();
    assertEquals(1, lines.size(), text);
    String expected = "cvs orbit: " + target.resolve("000.png") + ": File too large";
    assertTrue(lines.get(0).startsWith(expected), text);
    try (Stream<Path> files = Files.list(target)) {
      assertEquals(0, files.count(), "left behind");
    }
  }
}
