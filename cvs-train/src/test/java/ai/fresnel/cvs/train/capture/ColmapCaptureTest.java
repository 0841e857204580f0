package ai.fresnel.cvs.train.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.viewset.Rgba;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** COLMAP's models and MVImgNet's instances as they are found. */
class ColmapCaptureTest {

  private static FakeCapture fake;

  @TempDir Path folder;

  private Path images;
  private Path cameras;

  @BeforeAll
  static void render() throws IOException {
    fake = new FakeCapture();
  }

  @BeforeEach
  void write() throws IOException {
    fake.write(CaptureKind.COLMAP, folder);
    images = folder.resolve("sparse/0/images.txt");
    cameras = folder.resolve("sparse/0/cameras.txt");
  }

  private CapturedObject load() throws IOException {
    return CaptureKind.COLMAP.list(folder).get(0).load();
  }

  /** Other programs leave out the second line of each image. */
  @Test
  void linesOfPointsMayBeMissing() throws IOException {
    String good = Files.readString(images);
    for (String second :
        List.of("", "\n", "10.5 20 -1 3e2 4 77\n", "1 2 3 4 5 6 7 8 9 10 11 12\n")) {
      Files.writeString(images, good.replace("\n\n", "\n" + second));
      assertEquals(10, load().views().size(), second);
      assertTrue(load().leftOut().isEmpty(), load().leftOut().describe("frame"));
    }
    Files.writeString(images, "\ufeff" + good.replace("# two lines an image\n", ""));
    assertEquals(10, load().views().size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        " 1 003.png; 7 003.png; names camera 7, which is not there",
        " 1 003.png; x 003.png; names camera \"x\", expected a number",
        " 1 003.png; 1 ../003.png; leads out of the folder",
        " 1 003.png; 1 elsewhere.png; is missing",
        " 1 003.png; 1 00\u00003.png; is no file name",
        "4 0; NaN 0; expected a finite number",
        "4 0; zero 0; \"zero\", expected a number",
        "4 0; 4; is cut off, expected 10 words",
      })
  void oneImage(String from, String to, String expected) throws IOException {
    List<String> lines = Files.readAllLines(images);
    // The fourth image.
    String line = lines.get(7);
    String damaged =
        from.startsWith("4")
            ? line.replaceFirst("^4 \\S+", "4 " + to.replaceFirst(" ?0$", ""))
            : line.replace(from.strip(), to.strip());
    if (to.equals("4")) {
      damaged = "4 0 0 1";
    }
    lines.set(7, damaged);
    Files.write(images, lines);
    CapturedObject object = load();
    assertEquals(9, object.views().size(), object.leftOut().describe("frame"));
    String message = object.leftOut().describe("frame");
    assertTrue(message.startsWith("1 frame left out, "), message);
    assertTrue(message.contains(expected), message);
    assertTrue(message.chars().noneMatch(Character::isISOControl), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "1 FISHEYE_FOO 160 120 1; camera model FISHEYE_FOO is not supported",
        "1 FOV 160 120 130 128 84 57 1; camera model FOV is not supported",
        "1 PINHOLE 160 120 130; 1 parameters, expected 4",
        "1 PINHOLE 160 -1 130 128 84 57; a side of -1.0 pixels",
        "1 PINHOLE 160 120 wide 128 84 57; \"wide\", expected a number",
        "2 PINHOLE 160 120 130 128 84 57; names camera 1, which is not there",
        "x PINHOLE 160 120 130 128 84 57; camera \"x\", expected a number",
      })
  void cameras(String line, String expected) throws IOException {
    Files.writeString(cameras, line + "\n");
    IOException e =
        assertThrows(IOException.class, () -> CaptureConverter.convert(load(), "", 16, 8));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void theLargestModelIsTaken() throws IOException {
    Path one = Files.createDirectories(folder.resolve("sparse/1"));
    Files.copy(cameras, one.resolve("cameras.txt"));
    Files.copy(images, one.resolve("images.txt"));
    List<String> lines = Files.readAllLines(images);
    Files.write(images, lines.subList(0, 7));
    CapturedObject object = load();
    assertEquals(10, object.views().size());
    assertEquals(
        List.of("sparse/1 is taken, the largest of 2 models, with 10 images"), object.notes());
    Files.write(folder.resolve("sparse/1/images.bin"), new byte[1]);
    Files.write(folder.resolve("sparse/1/cameras.bin"), new byte[1]);
    object = load();
    assertEquals(3, object.views().size());
    assertTrue(object.notes().get(0).endsWith("cameras.bin: is cut off"), "" + object.notes());
  }

  /** A JPEG that is cut off is no half grey picture. */
  @Test
  void aTruncatedImageIsLeftOut() throws IOException {
    BufferedImage image = ImageIO.read(folder.resolve("images/005.png").toFile());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", bytes);
    byte[] half = Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2);
    Files.write(folder.resolve("images/005.png"), half);
    CaptureConverter.Converted converted = CaptureConverter.convert(load(), "", 16, 32);
    assertEquals(9, converted.views().size());
    assertTrue(converted.leftOut().describe("frame").startsWith("1 frame left out, 005.png: "));
  }

  /** One mask of ten is missing, and one shows nothing. */
  @Test
  void framesWithoutAMaskAmongMaskedOnesAreLeftOut() throws IOException {
    Files.delete(folder.resolve("masks/002.png.png"));
    BufferedImage empty = new BufferedImage(160, 120, BufferedImage.TYPE_BYTE_GRAY);
    ImageIO.write(empty, "png", folder.resolve("masks/004.png.png").toFile());
    CaptureConverter.Converted converted = CaptureConverter.convert(load(), "", 16, 32);
    assertTrue(converted.masked());
    assertEquals(8, converted.views().size());
    assertEquals(
        "2 frames left out, the first 002.png: its background is not cut away, as that of the"
            + " others is",
        converted.leftOut().describe("frame"));
  }

  /** Masks of 0 and 1 cut out what those of 0 and 255 do, and it is said. */
  @Test
  void masksOfZeroAndOne() throws IOException {
    for (int i = 0; i < FakeCapture.VIEWS; i++) {
      Path file = folder.resolve("masks/00" + i + ".png.png");
      BufferedImage mask = ImageIO.read(file.toFile());
      for (int p = 0; p < 160 * 120; p++) {
        int x = p % 160;
        int y = Math.floorDiv(p, 160);
        mask.getRaster().setSample(x, y, 0, mask.getRaster().getSample(x, y, 0) >= 128 ? 1 : 0);
      }
      ImageIO.write(mask, "png", file.toFile());
    }
    CaptureConverter.Converted converted = CaptureConverter.convert(load(), "", 16, 32);
    assertTrue(converted.masked());
    assertEquals(10, converted.views().size());
    assertEquals(List.of("masks are read as: 0 and 1"), converted.notes());
  }

  /**
   * The photographs are bent as by a lens with r = θ, whose inverse has a closed form; the views
   * are those of the straight ones.
   */
  @Test
  void viewsOfAFisheyeAreStraight() throws IOException {
    CaptureConverter.Converted straight = CaptureConverter.convert(load(), "", 48, 32);
    for (int i = 0; i < FakeCapture.VIEWS; i++) {
      bend(folder.resolve("images/00" + i + ".png"));
      bend(folder.resolve("masks/00" + i + ".png.png"));
    }
    Files.writeString(cameras, "1 FISHEYE 160 120 130 128 84 57\n");
    CaptureConverter.Converted bent = CaptureConverter.convert(load(), "", 48, 32);
    double squares = 0;
    for (int i = 0; i < FakeCapture.VIEWS; i++) {
      byte[] a = Rgba.onWhite(straight.views().get(i).rgba());
      byte[] b = Rgba.onWhite(bent.views().get(i).rgba());
      for (int k = 0; k < a.length; k++) {
        double difference = (a[k] & 255) - (b[k] & 255);
        squares += difference * difference;
      }
    }
    double psnr = 10 * Math.log10(255 * 255 / (squares / (FakeCapture.VIEWS * 3 * 48 * 48)));
    assertTrue(psnr > 25, psnr + " dB");
  }

  private static void bend(Path file) throws IOException {
    BufferedImage from = ImageIO.read(file.toFile());
    BufferedImage to = new BufferedImage(160, 120, from.getType());
    for (int y = 0; y < 120; y++) {
      for (int x = 0; x < 160; x++) {
        double u = (x + 0.5 - 84) / 130;
        double v = (y + 0.5 - 57) / 128;
        double angle = Math.hypot(u, v);
        double stretch = angle > 0 ? Math.tan(angle) / angle : 1;
        int sx = (int) Math.floor(84 + 130 * u * stretch);
        int sy = (int) Math.floor(57 + 128 * v * stretch);
        if (sx >= 0 && sy >= 0 && sx < 160 && sy < 120) {
          to.getRaster().setDataElements(x, y, from.getRaster().getDataElements(sx, sy, null));
        }
      }
    }
    ImageIO.write(to, "png", file.toFile());
  }

  @Test
  void instancesWithoutCamerasAreCounted() throws IOException {
    Path root = folder.resolve("mvimgnet");
    fake.write(CaptureKind.MVIMGNET, root);
    Files.createDirectories(root.resolve("7/0c2d/images"));
    Files.createDirectories(root.resolve("7/0e3f/images"));
    Files.createDirectories(root.resolve("7/0e3f/sparse"));
    // Names that differ only in letters that an id may not have.
    Files.createDirectories(root.resolve("7/0e3f!/images"));
    Files.createDirectories(root.resolve("7/0e3f+/images"));
    assertEquals(CaptureKind.MVIMGNET, CaptureKind.detect(root));
    List<CaptureSource> sources = CaptureKind.MVIMGNET.list(root);
    assertEquals(
        List.of("7_0a1b", "7_0c2d", "7_0e3f", "7_0e3f_", "7_0e3f__2"),
        sources.stream().map(CaptureSource::id).toList());
    assertEquals(10, sources.get(0).load().views().size());
    IOException e = assertThrows(IOException.class, () -> sources.get(1).load());
    assertEquals(root.resolve("7/0c2d") + ": no cameras in sparse/0", e.getMessage());
  }
}
