package ai.fresnel.cvs.train.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.file.LeftOut;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.viewset.View;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CaptureConverterTest {

  private static final int SIZE = 48;

  @TempDir Path folder;

  /**
   * A rendered object, photographed by cameras that look past it and are rolled, in a world that is
   * turned, moved and scaled: what comes out is what the object looks like from there, rendered.
   */
  @ParameterizedTest
  @EnumSource(CaptureKind.class)
  void viewsAreWhatTheirCamerasSee(CaptureKind kind) throws IOException {
    FakeCapture fake = new FakeCapture();
    fake.write(kind, folder);
    assertEquals(kind, CaptureKind.detect(folder));
    List<CaptureSource> sources = kind.list(folder);
    assertEquals(1, sources.size());
    CapturedObject object = sources.get(0).load();
    assertEquals(FakeCapture.VIEWS, object.views().size());
    CaptureConverter.Converted converted =
        CaptureConverter.convert(object, "here", SIZE, FakeCapture.VIEWS);
    assertTrue(converted.masked());
    CaptureFrame frame = frame(object);

    double largest = 0;
    for (int i = 0; i < FakeCapture.VIEWS; i++) {
      View view = converted.views().get(i);
      RenderedView expected = fake.render(camera(fake, frame, object, i, view), view.intrinsics());
      double squares = 0;
      int covered = 0;
      for (int p = 0; p < SIZE * SIZE; p++) {
        int alpha = view.rgba()[4 * p + 3] & 255;
        int expectedAlpha = expected.rgba()[4 * p + 3] & 255;
        for (int c = 0; c < 3; c++) {
          double a = onWhite(view.rgba()[4 * p + c] & 255, alpha);
          double b = onWhite(expected.rgba()[4 * p + c] & 255, expectedAlpha);
          squares += (a - b) * (a - b);
        }
        covered += alpha >= 128 ? 1 : 0;
        if (alpha >= 128) {
          largest = Math.max(largest, Math.abs(p % SIZE + 0.5 - SIZE / 2.0));
          largest = Math.max(largest, Math.abs(Math.floorDiv(p, SIZE) + 0.5 - SIZE / 2.0));
        }
      }
      double psnr = 10 * Math.log10(255 * 255 / (squares / (3 * SIZE * SIZE)));
      assertTrue(psnr > 28, kind + " view " + i + ": " + psnr + " dB");
      assertTrue(covered > 100, covered + " pixels show the object");
      assertEquals(0, view.pose().worldUpInCamera()[0], 1e-9, "no roll");
    }
    // As rendered objects: about 59 % of the frame at the middle distance.
    assertTrue(largest > 0.2 * SIZE && largest < 0.45 * SIZE, largest + " pixels from the middle");
    assertTrue(converted.meta().minRadius() > 1.2 && converted.meta().maxRadius() < 2.6);
    double tilt = Math.toDegrees(Math.acos(fake.upAfter(frame, object)));
    assertTrue(
        tilt < (object.up() == WorldUp.Z ? 1e-3 : 12),
        kind + ": up is off by " + tilt + " degrees");
  }

  private static CaptureFrame frame(CapturedObject object) throws IOException {
    FrameChoice choice = FrameChoice.of(object, FakeCapture.VIEWS);
    return CaptureFrame.of(object.id(), choice, UpDirection.of(object.up(), choice.views()));
  }

  private static double onWhite(double value, int alpha) {
    return value * alpha / 255 + 255 - alpha;
  }

  /** The converted view's camera in the object's own world. */
  private static CameraPose camera(
      FakeCapture fake, CaptureFrame frame, CapturedObject object, int i, View view) {
    CapturedView captured = object.views().get(i);
    double[] eye = fake.toObject(captured.pose().position());
    // Columns: our axes in the capture's camera, in its world, in the object's.
    double[] rotation = new double[9];
    for (int axis = 0; axis < 3; axis++) {
      double[] ours = new double[3];
      // Axis of the new camera in our world.
      System.arraycopy(view.pose().rotation(), 3 * axis, ours, 0, 3);
      double[] inCamera = frame.toCamera(captured, ours);
      double[] inWorld = Vectors.multiplyTransposed(captured.pose().rotation(), inCamera);
      System.arraycopy(fake.turnToObject(inWorld), 0, rotation, 3 * axis, 3);
    }
    double[] translation = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int c = 0; c < 3; c++) {
        translation[row] -= rotation[3 * row + c] * eye[c];
      }
    }
    return CameraPose.of(rotation, translation);
  }

  /**
   * What one image shows lies, from every other camera as it was read, within the object's
   * silhouette. Leaves an image of it for the documentation in the build's folder.
   */
  @ParameterizedTest
  @EnumSource(CaptureKind.class)
  void surfacePointsFallOnTheObject(CaptureKind kind) throws IOException {
    FakeCapture fake = new FakeCapture();
    fake.write(kind, folder);
    List<CapturedView> views = kind.list(folder).get(0).load().views();
    double[][] points = fake.surface(0, 3);
    assertTrue(points.length > 200, points.length + " points");
    BufferedImage sheet = new BufferedImage(4 * 320, 240, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < views.size(); i++) {
      byte[] rgba = fake.image(i).rgba();
      Graphics2D graphics = sheet.createGraphics();
      graphics.translate(320 * i, 0);
      graphics.drawImage(ImageIO.read(views.get(i).image().toFile()), 0, 0, 320, 240, null);
      for (double[] point : points) {
        double[] pixel = views.get(i).lens().project(views.get(i).pose().toCamera(point));
        assertTrue(isNear(rgba, pixel), kind + " view " + i + ": " + Arrays.toString(pixel));
        graphics.setColor(Color.MAGENTA);
        graphics.fillRect((int) (2 * pixel[0]), (int) (2 * pixel[1]), 2, 2);
      }
      graphics.dispose();
    }
    Path file = Path.of("target", "conventions", kind.word() + ".png");
    Files.createDirectories(file.getParent());
    ImageIO.write(sheet, "png", file.toFile());
  }

  /** Whether a pixel of the object is at most one pixel away. */
  private static boolean isNear(byte[] rgba, double[] pixel) {
    for (int k = 0; k < 9; k++) {
      int x = (int) Math.floor(pixel[0]) + k % 3 - 1;
      int y = (int) Math.floor(pixel[1]) + Math.floorDiv(k, 3) - 1;
      if (x >= 0 && y >= 0 && x < 160 && y < 120 && rgba[4 * (160 * y + x) + 3] != 0) {
        return true;
      }
    }
    return false;
  }

  @Test
  void withoutMasksTheImagesStayWhole() throws IOException {
    FakeCapture fake = new FakeCapture();
    fake.write(CaptureKind.COLMAP, folder);
    deleteMasks();
    CapturedObject object = CaptureKind.COLMAP.list(folder).get(0).load();
    CaptureConverter.Converted converted = CaptureConverter.convert(object, "here", SIZE, 4);
    assertFalse(converted.masked());
    assertEquals(4, converted.views().size());
  }

  private void deleteMasks() throws IOException {
    try (var files = Files.list(folder.resolve("masks"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private void refused(String expected, CaptureKind kind) {
    IOException e =
        assertThrows(
            IOException.class,
            () -> CaptureConverter.convert(kind.list(folder).get(0).load(), "", SIZE, 8));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  private void replace(String file, String from, String to) throws IOException {
    Path path = folder.resolve(file);
    String text = Files.readString(path);
    assertTrue(text.contains(from), text);
    Files.writeString(path, text.replace(from, to));
  }

  @Test
  void refusesDamagedColmapModels() throws IOException {
    new FakeCapture().write(CaptureKind.COLMAP, folder);
    String cameras = Files.readString(folder.resolve("sparse/0/cameras.txt"));
    replace("sparse/0/cameras.txt", "PINHOLE", "FOV 1");
    refused("camera model FOV is not supported", CaptureKind.COLMAP);
    Files.writeString(folder.resolve("sparse/0/cameras.txt"), "# nothing");
    refused("names camera 1", CaptureKind.COLMAP);
    Files.writeString(folder.resolve("sparse/0/cameras.txt"), "1 PINHOLE 160");
    refused("cameras.txt", CaptureKind.COLMAP);
    Files.writeString(folder.resolve("sparse/0/cameras.txt"), cameras);
    replace("sparse/0/images.txt", " 1 0", " 1 ../../../../etc/0");
    refused("leads out of the folder", CaptureKind.COLMAP);
    // Binary files come first where both are.
    byte[] claims = new byte[16];
    claims[7] = 0x10;
    Files.write(folder.resolve("sparse/0/cameras.bin"), claims);
    refused("1152921504606846976 entries", CaptureKind.COLMAP);
    claims[7] = 0;
    claims[0] = 1;
    Files.write(folder.resolve("sparse/0/cameras.bin"), claims);
    refused("cameras.bin: is cut off", CaptureKind.COLMAP);
  }

  @Test
  void refusesDamagedTransforms() throws IOException {
    new FakeCapture().write(CaptureKind.NERFSTUDIO, folder);
    String good = Files.readString(folder.resolve("transforms.json"));
    replace("transforms.json", "\"OPENCV\"", "\"EQUIRECTANGULAR\"");
    refused("camera_model is \"EQUIRECTANGULAR\", expected one of PINHOLE", CaptureKind.NERFSTUDIO);
    Files.writeString(folder.resolve("transforms.json"), good.replace("file_path", "path"));
    refused("transforms.json", CaptureKind.NERFSTUDIO);
    Files.writeString(folder.resolve("transforms.json"), good.replace("\"w\": 160", "\"w\": 90"));
    refused("expected the shape 90×120 of its lens", CaptureKind.NERFSTUDIO);
    Files.writeString(folder.resolve("transforms.json"), "[]");
    refused("transforms.json", CaptureKind.NERFSTUDIO);
    Files.writeString(folder.resolve("transforms.json"), good);
    for (int i = 0; i < FakeCapture.VIEWS - 1; i++) {
      Files.write(folder.resolve("images/00" + i + ".png"), new byte[] {1, 2, 3});
    }
    refused("1 of 10 frames can be used, expected at least 2; 9 frames", CaptureKind.NERFSTUDIO);
    refused("the first images/000.png: no image that can be read", CaptureKind.NERFSTUDIO);
  }

  @Test
  void refusesDamagedAnnotations() throws IOException {
    FakeCapture fake = new FakeCapture();
    fake.write(CaptureKind.CO3D, folder);
    Path file = folder.resolve("chair/frame_annotations.jgz");
    byte[] good = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(good, good.length / 2));
    refused("", CaptureKind.CO3D);
    Files.write(file, "[]".getBytes(StandardCharsets.UTF_8));
    refused("", CaptureKind.CO3D);
    FakeCapture.gzip(file, "[{\"sequence_name\": \"s\", \"viewpoint\": {}}]");
    refused("a frame of s: is incomplete", CaptureKind.CO3D);
    FakeCapture.gzip(file, "[{\"sequence_name\": \"" + "s".repeat(3 << 20) + "\"}]");
    refused("a frame of more than", CaptureKind.CO3D);
  }

  @Test
  void refusesCamerasThatDoNotSayWhereTheObjectIs() throws IOException {
    FakeCapture fake = new FakeCapture();
    fake.write(CaptureKind.COLMAP, folder);
    CapturedObject object = CaptureKind.COLMAP.list(folder).get(0).load();
    CapturedView view = object.views().get(0);
    CapturedObject same =
        new CapturedObject(
            "same", List.of(view, view, view), WorldUp.CAMERAS, LeftOut.NONE, List.of());
    IOException e =
        assertThrows(IOException.class, () -> CaptureConverter.convert(same, "", SIZE, 8));
    assertEquals("same: the cameras look the same way, expected views from around", e.getMessage());
    Path unknown = folder.resolve("unknown");
    Files.createDirectories(unknown);
    e = assertThrows(IOException.class, () -> CaptureKind.detect(unknown));
    assertTrue(e.getMessage().contains("expected transforms.json, COLMAP's sparse/0"));
  }
}
