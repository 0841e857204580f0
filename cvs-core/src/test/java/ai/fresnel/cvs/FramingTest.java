package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.background.Parts;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where the object is found, against where it was drawn. */
class FramingTest {

  private static final int WIDTH = 400;
  private static final int HEIGHT = 300;

  /** The background's brightness at a place from -1 to 1 across and down. */
  private interface Light {
    double at(double u, double v);
  }

  /** A ball of a colour with shading, or grey, that fills columns 130 to 270, rows 80 to 220. */
  private static byte[] ball(boolean red, Light light, double noise) {
    Random random = new Random(5);
    byte[] rgba = new byte[4 * WIDTH * HEIGHT];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      double x = i % WIDTH + 0.5;
      double y = Math.floorDiv(i, WIDTH) + 0.5;
      double coverage = Math.min(1, Math.max(0, 70.5 - Math.hypot(x - 200, y - 150)));
      double shade = 1 - Math.hypot(x - 180, y - 130) / 150;
      double ground = light.at(x / (WIDTH / 2.0) - 1, y / (HEIGHT / 2.0) - 1);
      for (int c = 0; c < 3; c++) {
        double colour = (red && c > 0 ? 20 : 60) + shade * (red ? c == 0 ? 140 : 20 : 90);
        double mixed = coverage * colour + (1 - coverage) * ground + noise * random.nextGaussian();
        rgba[4 * i + c] = (byte) Math.min(255, Math.max(0, Math.round(mixed)));
      }
      rgba[4 * i + 3] = (byte) 255;
    }
    return rgba;
  }

  private static double shadow(double u, double v, double strength) {
    double across = (u - 0.08) / 0.55;
    double down = (v - 0.52) / 0.15;
    return 1 - strength * Math.exp(-1.2 * (across * across + down * down));
  }

  private static ObjectPlace place(byte[] rgba) {
    return Photograph.ofRgba(rgba, WIDTH, HEIGHT).objectPlace();
  }

  private static void assertFound(String what, Light light, double noise) {
    assertFound(what, true, light, noise);
    assertFound(what, false, light, noise);
  }

  private static void assertFound(String what, boolean red, Light light, double noise) {
    byte[] rgba = ball(red, light, noise);
    ObjectPlace place = place(rgba);
    String where = what + (red ? ", red: " : ", grey: ") + place;
    assertEquals(130, place.left(), 1, where);
    assertEquals(80, place.top(), 1, where);
    assertEquals(270, place.right(), 1, where);
    assertEquals(220, place.bottom(), 1, where);
    // White all around the ball, its own colour in it.
    float[] image = Photograph.ofRgba(rgba, WIDTH, HEIGHT).framed(Framing.OBJECT, 1.7, 64);
    for (int i = 0; i < 64 * 64; i++) {
      double distance = Math.hypot(i % 64 - 31.5, Math.floorDiv(i, 64) - 31.5);
      if (distance > 23) {
        assertEquals(1, image[64 * 64 + i], 0.02, where + " at " + i);
      } else if (distance < 19) {
        assertTrue(image[64 * 64 + i] < 0.4, where + " at " + i);
      }
    }
  }

  @Test
  void plainBackgrounds() {
    assertFound("white", (u, v) -> 255, 0);
    assertFound("grey", (u, v) -> 200, 1);
    assertFound("dark", (u, v) -> 12, 1);
  }

  @Test
  void noiseDoesNotShiftTheObject() {
    assertFound("noise", (u, v) -> 200, 10);
  }

  @Test
  void lightOnTheBackgroundIsNoObject() {
    assertFound("vignette", (u, v) -> 235 / Math.pow(1 + 0.35 * (u * u + v * v), 2), 1);
    assertFound("spotlight", (u, v) -> 50 + 170 * Math.exp(-1.5 * (u * u + v * v)), 1);
    assertFound("gradient", (u, v) -> 190 + 45 * v - 10 * u, 1);
  }

  @Test
  void softShadowsAreNoObject() {
    assertFound("on white", (u, v) -> 255 * shadow(u, v, 0.35), 0);
    assertFound("on grey", (u, v) -> 200 * shadow(u, v, 0.35), 1);
    // A grey ball is as dark as this shadow where they meet.
    assertFound("strong", true, (u, v) -> 200 * shadow(u, v, 0.6), 1);
    assertFound("strong on white", true, (u, v) -> 255 * shadow(u, v, 0.6), 1);
    assertFound("on a gradient", (u, v) -> (190 + 45 * v) * shadow(u, v, 0.35), 1);
  }

  @Test
  void backgroundsThatAreNotSmoothAreRefused() {
    Random random = new Random(1);
    byte[] busy = ball(true, (u, v) -> 60 + 160 * random.nextDouble(), 0);
    String message = assertThrows(IllegalArgumentException.class, () -> place(busy)).getMessage();
    assertTrue(
        message.startsWith("photograph's background is neither transparent nor plain"), message);
    assertTrue(message.contains("--mask"), message);
    assertEquals(1, message.lines().count());
  }

  /** A rectangle of alpha, columns 100 to 180, rows 60 to 200. */
  private static byte[] cutOut() {
    byte[] rgba = new byte[4 * WIDTH * HEIGHT];
    for (int y = 60; y < 200; y++) {
      Arrays.fill(rgba, 4 * (y * WIDTH + 100), 4 * (y * WIDTH + 180), (byte) 200);
      for (int x = 100; x < 180; x++) {
        rgba[4 * (y * WIDTH + x) + 3] = (byte) 255;
      }
    }
    return rgba;
  }

  private static void dot(byte[] rgba, int x, int y, int side) {
    for (int v = y; v < y + side; v++) {
      for (int u = x; u < x + side; u++) {
        rgba[4 * (v * WIDTH + u) + 3] = (byte) 255;
      }
    }
  }

  @Test
  void specksAwayFromTheObjectAreLeftOut() {
    byte[] clean = cutOut();
    byte[] dirty = clean.clone();
    dot(dirty, 399, 299, 1);
    dot(dirty, 20, 30, 2);
    ObjectPlace place = place(dirty);
    assertEquals(new ObjectPlace(100, 60, 180, 200, 2, 5), place);
    assertTrue(place.leftOut().startsWith("photograph: left out 2 specks of 5 pixels"), "says so");
    assertArrayEquals(
        Photograph.ofRgba(clean, WIDTH, HEIGHT).framed(Framing.OBJECT, 1.7, 64),
        Photograph.ofRgba(dirty, WIDTH, HEIGHT).framed(Framing.OBJECT, 1.7, 64));
    // The corner of a square frame shows what is beside the object: no speck is drawn there.
    assertEquals("", place(clean).leftOut());
  }

  @Test
  void everyRealPartIsTheObject() {
    byte[] two = cutOut();
    dot(two, 300, 100, 30);
    assertEquals(new ObjectPlace(100, 60, 330, 200, 0, 0), place(two));
    // Small parts among the others stay as they are.
    dot(two, 240, 120, 2);
    assertEquals(new ObjectPlace(100, 60, 330, 200, 0, 0), place(two));
  }

  @Test
  void partsThatTouchAnywhereAreOne() {
    // A comb, a spiral's turn and a diagonal, joined late in reading order.
    byte[] rgba = new byte[4 * WIDTH * HEIGHT];
    for (int i = 0; i < 40; i++) {
      dot(rgba, 10 + 2 * i, 20, 1);
      dot(rgba, 10 + 2 * i, 21, 1);
    }
    for (int i = 0; i < 79; i++) {
      dot(rgba, 10 + i, 22, 1);
    }
    for (int i = 0; i < 30; i++) {
      dot(rgba, 89 + i, 23 + i, 1);
    }
    assertEquals(new ObjectPlace(10, 20, 119, 53, 0, 0), place(rgba));
    Parts parts = Parts.of(WIDTH, HEIGHT, pixel -> rgba[4 * pixel + 3] != 0);
    assertEquals(1, parts.objects().size());
    assertEquals(80 + 79 + 30, parts.objects().get(0).pixels());
  }
}
