package ai.fresnel.cvs.cutout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ForegroundColoursTest {

  private static final int SIDE = 64;

  /** The object's colour: a slow gradient. */
  private static double own(int x, int y, int channel) {
    return channel == 0 ? 200 - x : channel == 1 ? 40 + y : 90;
  }

  /** The background's: stripes of 8 pixels. */
  private static double ground(int x, int channel) {
    return channel == 2 ? 230 : x % 16 < 8 ? 20 : 120;
  }

  /** Opaque in the middle, with a soft outline of six pixels. */
  private static double alpha(int x, int y) {
    double radius = Math.hypot(x - 31.5, y - 31.5);
    return Math.round(255 * Math.min(1, Math.max(0, (24 - radius) / 6))) / 255.0;
  }

  private static byte[] composite() {
    byte[] rgba = new byte[4 * SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
      int x = i % SIDE;
      int y = i / SIDE;
      double alpha = alpha(x, y);
      for (int c = 0; c < 3; c++) {
        rgba[4 * i + c] = (byte) Math.round(alpha * own(x, y, c) + (1 - alpha) * ground(x, c));
      }
      rgba[4 * i + 3] = (byte) Math.round(255 * alpha);
    }
    return rgba;
  }

  /**
   * The mean difference from the object's own colour, weighted by alpha as a composite shows it.
   */
  private static double error(byte[] rgba) {
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
      double alpha = alpha(i % SIDE, i / SIDE);
      for (int c = 0; alpha > 0 && alpha < 1 && c < 3; c++) {
        sum += alpha * Math.abs((rgba[4 * i + c] & 255) - own(i % SIDE, i / SIDE, c));
        weights += alpha;
      }
    }
    return sum / weights;
  }

  @Test
  void recoversTheObjectOfAComposite() {
    byte[] mixed = composite();
    byte[] estimated = ForegroundColours.estimate(mixed, SIDE, SIDE);
    assertTrue(error(mixed) > 25, "" + error(mixed));
    assertTrue(error(estimated) < 6, "" + error(estimated));
    for (int i = 0; i < SIDE * SIDE; i++) {
      assertEquals(mixed[4 * i + 3], estimated[4 * i + 3], "alpha stays");
      if (mixed[4 * i + 3] == (byte) 255) {
        assertEquals(mixed[4 * i], estimated[4 * i], "opaque pixels stay");
      }
    }
  }

  @Test
  void whatCannotBeToldStays() {
    byte[] hard = composite();
    byte[] soft = composite();
    for (int i = 3; i < hard.length; i += 4) {
      hard[i] = (byte) (hard[i] < 0 ? 255 : 0);
      soft[i] = 100;
    }
    assertArrayEquals(hard, ForegroundColours.estimate(hard, SIDE, SIDE));
    assertArrayEquals(soft, ForegroundColours.estimate(soft, SIDE, SIDE));
    assertThrows(
        IllegalArgumentException.class, () -> ForegroundColours.estimate(soft, SIDE, SIDE - 1));
  }
}
