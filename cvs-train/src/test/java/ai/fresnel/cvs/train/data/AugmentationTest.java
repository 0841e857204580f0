package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AugmentationTest {

  /** The colours of 64 pixels, one after another, in [-1, 1]. */
  private static float[] picture(Random random) {
    float[] picture = new float[3 * 64];
    for (int i = 0; i < picture.length; i++) {
      // Not so strong that a turned colour leaves the cube.
      picture[i] = 0.4f * (2 * random.nextFloat() - 1);
    }
    return picture;
  }

  private static double[] uniforms(long draws) {
    double[] uniforms = new double[3];
    for (int i = 0; i < 3; i++) {
      uniforms[i] = (SplitMix64.draw(draws, i + 1) >>> 11) / (double) (1L << 53);
    }
    return uniforms;
  }

  @Test
  void coloursTurnAroundGreyAndAreRaisedToAPower() {
    Augmentation augmentation = new Augmentation(0, 0.9, 0.3, 0.5);
    Random random = new Random(1);
    for (long draws = 0; draws < 50; draws++) {
      float[] picture = picture(random);
      float[] changed = picture.clone();
      augmentation.jitter(draws, changed, 0, 64);
      double[] u = uniforms(draws);
      double angle = 0.9 * (2 * u[0] - 1);
      double factor = 1 + 0.3 * (2 * u[1] - 1);
      double power = Math.pow(1.5, 2 * u[2] - 1);
      for (int i = 0; i < 64; i++) {
        double[] c = {picture[i] / 2 + 0.5, picture[i + 64] / 2 + 0.5, picture[i + 128] / 2 + 0.5};
        double grey = (c[0] + c[1] + c[2]) / 3;
        // The part across grey turns in its plane: v cos + k × v sin.
        for (int k = 0; k < 3; k++) {
          double across = c[k] - grey;
          double turned = (c[(k + 2) % 3] - c[(k + 1) % 3]) / Math.sqrt(3);
          double v = grey + factor * (across * Math.cos(angle) + turned * Math.sin(angle));
          double expected = 2 * Math.pow(v, power) - 1;
          assertEquals(expected, changed[i + 64 * k], 4e-3);
        }
      }
    }
  }

  @Test
  void blackAndWhiteStayAndGreysStayGrey() {
    float[] picture = {-1, 1, 0.2f, -1, 1, 0.2f, -1, 1, 0.2f};
    new Augmentation(0, 3, 1, 2).jitter(7, picture, 0, 3);
    assertEquals(-1, picture[0]);
    assertEquals(1, picture[1]);
    assertEquals(picture[2], picture[5], 3e-3);
    assertEquals(picture[2], picture[8], 3e-3);
    float[] grey = {0.2f, 0.2f, 0.2f};
    new Augmentation(0, 3, 1, 0).jitter(7, grey, 0, 1);
    assertArrayEquals(new float[] {0.2f, 0.2f, 0.2f}, grey, 2e-3f);
  }

  @Test
  void nothingIsDoneUnlessAsked() {
    assertTrue(!Augmentation.NONE.jitters() && !Augmentation.NONE.mirrors(5));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(1.1, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, 4, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, 0, Double.NaN, 0));
    assertThrows(IllegalArgumentException.class, () -> new PoseCurriculum(1, 0.5, 3));
  }
}
