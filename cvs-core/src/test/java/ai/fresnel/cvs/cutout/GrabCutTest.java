package ai.fresnel.cvs.cutout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GrabCutTest {

  /** Is the object: a disc with a notch. */
  private static boolean inside(double x, double y) {
    double dx = x - 0.5;
    double dy = y - 0.45;
    return dx * dx + dy * dy < 0.08 && !(Math.abs(dx) < 0.05 && dy < 0);
  }

  /** A red and yellow object on blue and green noise and stripes. */
  private static byte[] photograph(int width, int height) {
    Random random = new Random(3);
    byte[] rgba = new byte[4 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 4 * (y * width + x);
        boolean object = inside((x + 0.5) / width, (y + 0.5) / height);
        int stripe = 16 * x / width % 2 == 0 ? 90 : 0;
        int noise = random.nextInt(50);
        rgba[at] = (byte) (object ? 180 + noise : noise);
        rgba[at + 1] = (byte) (object ? stripe + noise : 60 + stripe + noise);
        rgba[at + 2] = (byte) (object ? noise : 200 - stripe + noise);
        rgba[at + 3] = (byte) 255;
      }
    }
    return rgba;
  }

  private static double overlap(byte[] alpha, int width, int height) {
    int both = 0;
    int any = 0;
    for (int i = 0; i < alpha.length; i++) {
      boolean object = inside((i % width + 0.5) / width, (Math.floorDiv(i, width) + 0.5) / height);
      boolean found = (alpha[i] & 255) >= 128;
      both += object && found ? 1 : 0;
      any += object || found ? 1 : 0;
    }
    return (double) both / any;
  }

  private static CutOutHints box(double x, double y, double width, double height) {
    return CutOutHints.inside(new Box(x, y, width, height));
  }

  @Test
  void findsAnObjectOfOtherColours() {
    byte[] photograph = photograph(120, 100);
    byte[] before = photograph.clone();
    byte[] alpha = GrabCut.alpha(photograph, 120, 100, box(20, 10, 80, 70));
    assertTrue(overlap(alpha, 120, 100) > 0.95, "" + overlap(alpha, 120, 100));
    assertArrayEquals(before, photograph);
    assertArrayEquals(alpha, GrabCut.alpha(photograph, 120, 100, box(20, 10, 80, 70)));
  }

  @Test
  void enlargesTheOutlineOfLargePhotographs() {
    byte[] alpha = GrabCut.alpha(photograph(1000, 900), 1000, 900, box(180, 130, 640, 550));
    assertTrue(overlap(alpha, 1000, 900) > 0.97, "" + overlap(alpha, 1000, 900));
  }

  @Test
  void strokesAloneAreEnough() {
    CutOutHints hints =
        new CutOutHints(
            Optional.empty(),
            List.of(new Stroke(40, 60, 80, 60, 3)),
            List.of(new Stroke(5, 5, 115, 5, 3)));
    byte[] alpha = GrabCut.alpha(photograph(120, 100), 120, 100, hints);
    assertTrue(overlap(alpha, 120, 100) > 0.9, "" + overlap(alpha, 120, 100));
  }

  @Test
  void strokesWinOverColours() {
    CutOutHints hints =
        box(20, 10, 80, 70)
            .withBackground(new Stroke(45, 50, 75, 50, 2))
            .withObject(new Stroke(25, 15, 25, 20, 1));
    byte[] alpha = GrabCut.alpha(photograph(120, 100), 120, 100, hints);
    assertEquals(0, alpha[50 * 120 + 60]);
    assertEquals((byte) 255, alpha[17 * 120 + 25]);
  }

  @Test
  void wrongBoxesAreSaidOnOneLine() {
    byte[] rgba = photograph(64, 64);
    assertFails("box 70,0,20,20 has less than a pixel of the photograph of", rgba, 70, 0, 20, 20);
    assertFails("box 9,9,0.5,9 has less than a pixel of the photograph", rgba, 9, 9, 0.5, 9);
    assertFails("box 0,0,64,64 is the whole photograph, expected", rgba, 0, 0, 64, 64);
    assertFails("box -9,-9,99,99 is the whole photograph, expected", rgba, -9, -9, 99, 99);
    String message =
        assertThrows(IllegalArgumentException.class, () -> new Box(1, 2, 0, 4)).getMessage();
    assertEquals("box is 1.0,2.0,0.0,4.0, expected sides above 0", message);
    assertThrows(
        IllegalArgumentException.class,
        () -> new CutOutHints(Optional.empty(), List.of(), List.of()));
    byte[] plain = new byte[4 * 64 * 64];
    assertFails("no object differs from its surroundings in box", plain, 16, 16, 32, 32);
  }

  private static void assertFails(
      String expected, byte[] rgba, double x, double y, double width, double height) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> GrabCut.alpha(rgba, 64, 64, box(x, y, width, height)))
            .getMessage();
    assertTrue(message.startsWith(expected), message);
  }

  @Test
  void boxesAreReadInPixelsAndPercent() {
    assertEquals(new Box(1, 2.5, 30, 40), Box.parse("1, 2.5,30,40", 200, 100));
    assertEquals(new Box(20, 10, 100, 40), Box.parse("10%,10%,50%,40", 200, 100));
    for (String wrong : List.of("", "1,2,3", "1,2,3,x", "1,2,3,4,5", "1,2,3,NaN")) {
      assertThrows(IllegalArgumentException.class, () -> Box.parse(wrong, 9, 9), wrong);
    }
  }

  @Test
  void onePixelAndLongStripsAreBounded() {
    byte[] dot = {1, 2, 3, (byte) 255};
    assertThrows(IllegalArgumentException.class, () -> GrabCut.alpha(dot, 1, 1, box(0, 0, 1, 1)));
    byte[] strip = new byte[4 * 20_000 * 8];
    for (int i = 0; i < strip.length; i++) {
      int x = Math.floorDiv(i, 4) % 20_000;
      strip[i] = (byte) (x > 6_000 && x < 14_000 ? 200 : 100);
    }
    byte[] alpha = GrabCut.alpha(strip, 20_000, 8, box(4_000, -1, 12_000, 10));
    assertEquals((byte) 255, alpha[4 * 20_000 + 10_000]);
    assertEquals(0, alpha[4 * 20_000 + 5_000]);
  }
}
