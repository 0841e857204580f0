package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.util.Arrays;
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

  /** Width and height of what is black, in pixels, and the centre of it. */
  private static double[] extent(float[] picture, int size) {
    double columns = 0;
    double rows = 0;
    double sum = 0;
    double x = 0;
    double y = 0;
    for (int i = 0; i < size; i++) {
      double column = 0;
      double row = 0;
      for (int k = 0; k < size; k++) {
        column = Math.max(column, (1 - picture[k * size + i]) / 2);
        row = Math.max(row, (1 - picture[i * size + k]) / 2);
        double ink = (1 - picture[i * size + k]) / 2;
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
    // Reduced, enlarged, taller than wide, off the middle, and cut at the photograph's edge.
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
  void squareWithoutTransparencyIsTakenAsItIs() {
    byte[] rgba = rectangle(32, 32, 3, 5, 9, 30, 200, 255);
    for (Framing framing : Framing.values()) {
      float[] picture = Photograph.ofRgba(rgba, 32, 32).framed(framing, 1.7, 32);
      for (int i = 0; i < 32 * 32; i++) {
        assertEquals((rgba[4 * i] & 255) / 127.5 - 1, picture[i], 1e-5);
      }
    }
  }

  @Test
  void halvingAverages() {
    byte[] rgba = new byte[4 * 16];
    for (int i = 0; i < 16; i++) {
      byte value = (byte) (i % 2 == 0 ? 0 : 200);
      Arrays.fill(rgba, 4 * i, 4 * i + 3, value);
      rgba[4 * i + 3] = (byte) 255;
    }
    float[] picture = Photograph.ofRgba(rgba, 4, 4).framed(Framing.WHOLE, 1, 1);
    assertEquals(100 / 127.5 - 1, picture[0], 1e-3);
  }

  @Test
  void translucentPixelsAreMixedWithWhite() {
    byte[] rgba = new byte[4 * 64];
    for (int i = 3; i < rgba.length; i += 4) {
      rgba[i] = (byte) 153;
    }
    float[] picture = Photograph.ofRgba(rgba, 8, 8).framed(Framing.WHOLE, 1, 8);
    assertEquals(2 * (1 - 0.6) - 1, picture[30], 1e-5);
  }

  @Test
  void readsTheAlphaOfDjlImages() {
    int[] argb = {0xFF102030, 0x80FF0000, 0x00FFFFFF, 0x01FFFFFF, 0xFE000000, 0x40A0B0C0};
    Image image = ImageFactory.getInstance().fromPixels(argb, 3, 2);
    Photograph photo = Photograph.of(image);
    assertEquals(3, photo.width());
    assertEquals(2, photo.height());
    assertTrue(photo.hasTransparency());
    byte[] opaque = rectangle(6, 6, 1, 1, 3, 3, 255, 255);
    assertFalse(Photograph.ofRgba(opaque, 6, 6).hasTransparency());

    int[] square = {0xFF000000, 0x40000000, 0x80FF0000, 0x00000000};
    float[] picture =
        Photograph.of(ImageFactory.getInstance().fromPixels(square, 2, 2))
            .framed(Framing.WHOLE, 1, 2);
    float[] red = {-1, 1 - 2 * 64 / 255f, 1, 1};
    float[] green = {-1, 1 - 2 * 64 / 255f, 1 - 2 * 128 / 255f, 1};
    assertArrayEquals(red, Arrays.copyOfRange(picture, 0, 4), 1e-5f);
    assertArrayEquals(green, Arrays.copyOfRange(picture, 4, 8), 1e-5f);
  }

  @Test
  void saysWhatIsWrong() {
    byte[] grey = rectangle(20, 10, 1, 1, 3, 3, 128, 255);
    assertMessage("photograph is 20×10 pixels, expected a square one", grey, Framing.OBJECT);
    byte[] cutOut = rectangle(20, 10, 1, 1, 3, 3, 128, 0);
    assertMessage("photograph is 20×10 pixels, expected a square one", cutOut, Framing.WHOLE);
    assertMessage("photograph shows nothing", new byte[4 * 200], Framing.OBJECT);
    assertThrows(IllegalArgumentException.class, () -> Photograph.ofRgba(new byte[7], 1, 1));
  }

  private static void assertMessage(String expected, byte[] rgba, Framing framing) {
    Photograph photo = Photograph.ofRgba(rgba, 20, 10);
    String message =
        assertThrows(IllegalArgumentException.class, () -> photo.framed(framing, 1.7, 16))
            .getMessage();
    assertTrue(message.startsWith(expected), message);
  }
}
