package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.cutout.Box;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PhotographTest {

  /** A black rectangle on a background. */
  private static byte[] rectangle(
      int width, int height, int left, int top, int right, int bottom, int background, int alpha) {
    byte[] rgba = new byte[4 * width * height];
    for (int i = 0; i < width * height; i++) {
      int x = i % width;
      int y = i / width;
      boolean inside = x >= left && x < right && y >= top && y < bottom;
      Arrays.fill(rgba, 4 * i, 4 * i + 3, (byte) (inside ? 0 : background));
      rgba[4 * i + 3] = (byte) (inside ? 255 : alpha);
    }
    return rgba;
  }

  /** Returns width, height and centre of the black area, in pixels. */
  private static double[] extent(float[] image, int size) {
    double columns = 0;
    double rows = 0;
    double sum = 0;
    double x = 0;
    double y = 0;
    for (int i = 0; i < size; i++) {
      double column = 0;
      double row = 0;
      for (int k = 0; k < size; k++) {
        column = Math.max(column, (1 - image[k * size + i]) / 2);
        row = Math.max(row, (1 - image[i * size + k]) / 2);
        double ink = (1 - image[i * size + k]) / 2;
        sum += ink;
        x += ink * (k + 0.5);
        y += ink * (i + 0.5);
      }
      columns += column;
      rows += row;
    }
    return new double[] {columns, rows, x / sum, y / sum};
  }

  @Test
  void objectFillsWhatItsRadiusSays() {
    // Reduced, enlarged, taller than wide, off centre, and cut off by the photograph's edge.
    int[][] boxes = {{100, 40, 340, 140}, {10, 12, 30, 40}, {0, 0, 200, 90}, {350, 200, 400, 300}};
    for (int[] box : boxes) {
      for (double radius : new double[] {1.5, 1.7, 2.2}) {
        byte[] rgba = rectangle(400, 300, box[0], box[1], box[2], box[3], 77, 0);
        Photograph photo = Photograph.ofRgba(rgba, 400, 300);
        double[] extent = extent(photo.framed(Framing.OBJECT, radius, 64), 64);
        double width = box[2] - box[0];
        double height = box[3] - box[1];
        double scale = 64 * 1.0940 / radius / Math.max(width, height);
        assertEquals(width * scale, extent[0], 0.6, "width at radius " + radius);
        assertEquals(height * scale, extent[1], 0.6, "height at radius " + radius);
        assertEquals(32, extent[2], 0.05);
        assertEquals(32, extent[3], 0.05);
      }
    }
  }

  @Test
  void whiteBackgroundIsFramedLikeATransparentOne() {
    byte[] onWhite = rectangle(90, 50, 20, 10, 60, 30, 255, 255);
    byte[] cutOut = rectangle(90, 50, 20, 10, 60, 30, 3, 0);
    float[] a = Photograph.ofRgba(onWhite, 90, 50).framed(Framing.OBJECT, 1.7, 32);
    float[] b = Photograph.ofRgba(cutOut, 90, 50).framed(Framing.OBJECT, 1.7, 32);
    assertArrayEquals(b, a, 1e-6f);
  }

  @Test
  void wholeImagesAreTakenAsTheyAre() {
    byte[] rgba = rectangle(32, 32, 3, 5, 9, 30, 200, 255);
    float[] image = Photograph.ofRgba(rgba, 32, 32).framed(Framing.WHOLE, 1.7, 32);
    for (int i = 0; i < 32 * 32; i++) {
      assertEquals((rgba[4 * i] & 255) / 127.5 - 1, image[i], 1e-5);
    }
  }

  /** A disc of one colour on a shaded background of another, its rim mixed, with noise on all. */
  @Test
  void plainBackgroundsAreCutAway() {
    int size = 80;
    byte[] rgba = new byte[4 * size * size];
    double[] coverage = new double[size * size];
    Random random = new Random(3);
    for (int i = 0; i < size * size; i++) {
      int row = i / size;
      double distance = Math.hypot(i % size - 44.5, row - 38.5);
      coverage[i] = Math.min(1, Math.max(0, 20.5 - distance));
      double shade = 0.1 * (row - 40);
      double[] colour = {200, 40, 90};
      double[] ground = {60 + shade, 140 + shade, 80 + shade};
      for (int c = 0; c < 3; c++) {
        double mixed = coverage[i] * colour[c] + (1 - coverage[i]) * ground[c];
        rgba[4 * i + c] = (byte) Math.round(mixed + random.nextGaussian());
      }
      rgba[4 * i + 3] = (byte) 255;
    }
    Photograph photo = Photograph.ofRgba(rgba, size, size);
    Photograph cut = photo.cutOut();
    assertFalse(photo.hasTransparency());
    assertTrue(cut.hasTransparency());
    assertSame(cut, cut.cutOut());
    float[] image = cut.framed(Framing.WHOLE, 1, size);
    double sum = 0;
    for (int i = 0; i < size * size; i++) {
      // On white: the disc's colour where it is, white where it is not, no green at the rim.
      for (int c = 0; c < 3; c++) {
        double[] colour = {200, 40, 90};
        double expected = (coverage[i] * colour[c] + (1 - coverage[i]) * 255) / 127.5 - 1;
        double error = Math.abs(image[c * size * size + i] - expected);
        sum += error;
        // Pixels covered by a sixth or less are within the background's tolerance.
        assertTrue(error < 0.32, error + " at pixel " + i);
      }
    }
    assertEquals(0, sum / (3 * size * size), 0.005);
    float[] framed = photo.framed(Framing.OBJECT, 1.7, 64);
    float[] asCut = cut.framed(Framing.OBJECT, 1.7, 64);
    assertArrayEquals(asCut, framed);
    assertEquals(1, framed[0], 1e-6);
  }

  @Test
  void masksSayWhereTheObjectIs() {
    byte[] busy = new byte[4 * 40 * 30];
    new Random(1).nextBytes(busy);
    for (int i = 3; i < busy.length; i += 4) {
      busy[i] = (byte) 255;
    }
    Photograph photo = Photograph.ofRgba(busy, 40, 30);
    Photograph grey = Photograph.ofRgba(rectangle(40, 30, 0, 0, 0, 0, 0, 255), 40, 30);
    // White inside a rectangle, on black; and the same as alpha.
    byte[] white = rectangle(40, 30, 10, 5, 22, 25, 255, 255);
    for (int i = 0; i < white.length; i++) {
      white[i] = i % 4 == 3 ? white[i] : (byte) ~white[i];
    }
    Photograph byGrey = photo.withMask(Photograph.ofRgba(white, 40, 30));
    Photograph byAlpha =
        photo.withMask(Photograph.ofRgba(rectangle(40, 30, 10, 5, 22, 25, 9, 0), 40, 30));
    float[] framed = byGrey.framed(Framing.OBJECT, 1.7, 32);
    assertArrayEquals(framed, byAlpha.framed(Framing.OBJECT, 1.7, 32));
    assertEquals(1, framed[0], 1e-6);
    assertThrows(
        IllegalArgumentException.class,
        () -> photo.withMask(grey).framed(Framing.OBJECT, 1.7, 32),
        "nothing is left");
    Photograph small = Photograph.ofRgba(new byte[4 * 100], 10, 10);
    String message =
        assertThrows(IllegalArgumentException.class, () -> photo.withMask(small)).getMessage();
    assertEquals("mask is 10×10 pixels, expected the photograph's 40×30", message);
  }

  @Test
  void boxesCutOutOfBusyBackgrounds() {
    byte[] busy = rectangle(40, 30, 10, 5, 22, 25, 0, 255);
    Random random = new Random(5);
    for (int i = 0; i < busy.length; i++) {
      int x = Math.floorDiv(i, 4) % 40;
      int y = Math.floorDiv(i, 160);
      boolean object = x >= 10 && x < 22 && y >= 5 && y < 25;
      busy[i] = i % 4 == 3 || object ? busy[i] : (byte) (90 + random.nextInt(160));
    }
    Photograph photo = Photograph.ofRgba(busy, 40, 30);
    assertThrows(IllegalArgumentException.class, photo::cutOut);
    ObjectPlace place = photo.cutOutInside(new Box(8, 3, 16, 24)).objectPlace();
    assertEquals(new ObjectPlace(10, 5, 22, 25, 0, 0), place);
  }

  @Test
  void halvingAverages() {
    byte[] rgba = new byte[4 * 256];
    for (int i = 0; i < 256; i++) {
      byte value = (byte) (i % 2 == 0 ? 0 : 200);
      Arrays.fill(rgba, 4 * i, 4 * i + 3, value);
      rgba[4 * i + 3] = (byte) 255;
    }
    float[] image = Photograph.ofRgba(rgba, 16, 16).framed(Framing.WHOLE, 1, 8);
    // In the middle; at the edge the last pixel goes on.
    assertEquals(100 / 127.5 - 1, image[8 * 4 + 4], 1e-3);
  }

  @Test
  void translucentPixelsAreMixedWithWhite() {
    byte[] rgba = new byte[4 * 64];
    for (int i = 3; i < rgba.length; i += 4) {
      rgba[i] = (byte) 153;
    }
    float[] image = Photograph.ofRgba(rgba, 8, 8).framed(Framing.WHOLE, 1, 8);
    assertEquals(2 * (1 - 0.6) - 1, image[30], 1e-5);
  }

  @Test
  void readsTheAlphaOfDjlImages() {
    int[] levels = {0xFF000000, 0x40000000, 0x80FF0000, 0x00000000, 0x01FFFFFF, 0xFE000000};
    int[] argb = new int[8 * 9];
    for (int i = 0; i < argb.length; i++) {
      argb[i] = levels[i % levels.length];
    }
    Photograph photo = Photograph.of(ImageFactory.getInstance().fromPixels(argb, 8, 9));
    assertEquals(8, photo.width());
    assertEquals(9, photo.height());
    assertTrue(photo.hasTransparency());
    byte[] opaque = rectangle(9, 9, 1, 1, 3, 3, 255, 255);
    assertFalse(Photograph.ofRgba(opaque, 9, 9).hasTransparency());

    float[] image =
        Photograph.of(ImageFactory.getInstance().fromPixels(Arrays.copyOf(argb, 64), 8, 8))
            .framed(Framing.WHOLE, 1, 8);
    float[] red = {-1, 1 - 2 * 64 / 255f, 1, 1, 1, 1 - 2 * 254 / 255f};
    float[] green = {-1, 1 - 2 * 64 / 255f, 1 - 2 * 128 / 255f, 1, 1, 1 - 2 * 254 / 255f};
    assertArrayEquals(red, Arrays.copyOfRange(image, 0, 6), 1e-5f);
    assertArrayEquals(green, Arrays.copyOfRange(image, 64, 70), 1e-5f);
  }

  @Test
  void saysWhatIsWrong() {
    byte[] cutOut = rectangle(20, 10, 1, 1, 3, 3, 128, 0);
    assertMessage("photograph is 20×10 pixels, expected a square one", cutOut, Framing.WHOLE);
    assertMessage("photograph shows nothing: no pixel", new byte[4 * 200], Framing.OBJECT);
    byte[] plain = rectangle(20, 10, 0, 0, 0, 0, 128, 255);
    assertMessage("photograph shows nothing but a plain", plain, Framing.OBJECT);
    byte[] busy = plain.clone();
    for (int i = 0; i < busy.length; i += 12) {
      busy[i] = (byte) (7 * i);
    }
    assertMessage("photograph's background is neither transparent nor", busy, Framing.OBJECT);
    assertThrows(IllegalArgumentException.class, () -> Photograph.ofRgba(new byte[7], 8, 8));
    String message =
        assertThrows(IllegalArgumentException.class, () -> Photograph.ofRgba(new byte[4], 1, 1))
            .getMessage();
    assertEquals("photograph is 1×1 pixels, expected sides from 8 to 32768", message);
  }

  private static void assertMessage(String expected, byte[] rgba, Framing framing) {
    Photograph photo = Photograph.ofRgba(rgba, 20, 10);
    String message =
        assertThrows(IllegalArgumentException.class, () -> photo.framed(framing, 1.7, 16))
            .getMessage();
    assertTrue(message.startsWith(expected), message);
  }
}
