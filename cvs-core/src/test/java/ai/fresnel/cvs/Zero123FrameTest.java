package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Photographs framed for Zero123 against those that Pillow framed, {@code make_frames.py}. */
class Zero123FrameTest {

  private static final double EXACT = 1e-5;

  private record Box(int left, int top, int right, int bottom) {}

  /** The photograph of the script. */
  private static Photograph photograph(int width, int height, Box box) {
    byte[] rgba = new byte[4 * width * height];
    long a = (long) box.right - box.left;
    long b = (long) box.bottom - box.top;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        long u = 2L * x + 1 - box.left - box.right;
        long v = 2L * y + 1 - box.top - box.bottom;
        long distance = 1000 * (u * u * b * b + v * v * a * a) / (a * a * b * b);
        boolean inX = x >= box.left && x < box.right;
        boolean inY = y >= box.top && y < box.bottom;
        long alpha = inX && inY ? Math.min(255, Math.max(0, (1100 - distance) * 2)) : 0;
        boolean axis = (Math.abs(v) <= 1 && inX) || (Math.abs(u) <= 1 && inY);
        int pixel = 4 * (y * width + x);
        rgba[pixel] = (byte) ((3 * x + 2 * y) / 4);
        rgba[pixel + 1] = (byte) (255 * ((x / 6 + y / 4) % 2));
        rgba[pixel + 2] = (byte) (x * y / 64);
        rgba[pixel + 3] = (byte) (axis ? 255 : alpha);
      }
    }
    return Photograph.ofRgba(rgba, width, height);
  }

  private static void assertFrame(String name, float[] image, double tolerance) throws IOException {
    BufferedImage expected;
    try (InputStream in =
        Zero123FrameTest.class.getResourceAsStream("zero123-frames/" + name + ".png")) {
      expected = ImageIO.read(in);
    }
    int size = expected.getWidth();
    assertEquals(3 * size * size, image.length);
    for (int i = 0; i < size * size; i++) {
      int rgb = expected.getRGB(i % size, Math.floorDiv(i, size));
      for (int c = 0; c < 3; c++) {
        int level = (rgb >> (8 * (2 - c))) & 255;
        float found = (image[c * size * size + i] + 1) * 127.5f;
        assertEquals(level, found, tolerance, name + ", channel " + c + " of pixel " + i);
      }
    }
  }

  private static void assertObject(String name, int width, int height, Box box, int size)
      throws IOException {
    float[] image = photograph(width, height, box).framedAsZero123(Framing.OBJECT, size);
    assertFrame(name, image, 255 * EXACT);
  }

  @Test
  void longerSidesAreReduced() throws IOException {
    assertObject("reduced", 400, 300, new Box(50, 20, 351, 241), 256);
    assertObject("thin", 500, 40, new Box(2, 16, 490, 19), 64);
  }

  /** Pillow averages whole pixels before it resizes to a quarter or less. */
  @Test
  void largePhotographsAreAveragedFirst() throws IOException {
    assertObject("averaged", 700, 900, new Box(13, 7, 683, 891), 64);
  }

  @Test
  void smallObjectsKeepTheirSize() throws IOException {
    assertObject("small", 120, 100, new Box(20, 30, 60, 51), 64);
  }

  /** The demo mixes with white in float32 after it has resized; the file rounds that to 8 bits. */
  @Test
  void wholePhotographsAreResized() throws IOException {
    Photograph photograph = photograph(150, 150, new Box(10, 20, 140, 131));
    assertFrame("whole", photograph.framedAsZero123(Framing.WHOLE, 64), 0.5 + 1e-3);
  }
}
