package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.viewset.Rgba;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AugmentationTest {

  /** The colours of 64 pixels, one after another, in [-1, 1]. */
  private static float[] image(Random random) {
    float[] image = new float[3 * 64];
    for (int i = 0; i < image.length; i++) {
      // Not so strong that a turned colour leaves the cube.
      image[i] = 0.4f * (2 * random.nextFloat() - 1);
    }
    return image;
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
    Augmentation augmentation = new Augmentation(0, 0.9, 0.3, 0.5, 0, 0);
    Random random = new Random(1);
    for (long draws = 0; draws < 50; draws++) {
      float[] image = image(random);
      float[] changed = image.clone();
      augmentation.jitter(draws, changed, 0, 64);
      double[] u = uniforms(draws);
      double angle = 0.9 * (2 * u[0] - 1);
      double factor = 1 + 0.3 * (2 * u[1] - 1);
      double power = Math.pow(1.5, 2 * u[2] - 1);
      for (int i = 0; i < 64; i++) {
        double[] c = {image[i] / 2 + 0.5, image[i + 64] / 2 + 0.5, image[i + 128] / 2 + 0.5};
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
    float[] image = {-1, 1, 0.2f, -1, 1, 0.2f, -1, 1, 0.2f};
    new Augmentation(0, 3, 1, 2, 0, 0).jitter(7, image, 0, 3);
    assertEquals(-1, image[0]);
    assertEquals(1, image[1]);
    assertEquals(image[2], image[5], 3e-3);
    assertEquals(image[2], image[8], 3e-3);
    float[] grey = {0.2f, 0.2f, 0.2f};
    new Augmentation(0, 3, 1, 0, 0, 0).jitter(7, grey, 0, 1);
    assertArrayEquals(new float[] {0.2f, 0.2f, 0.2f}, grey, 2e-3f);
  }

  /** A zoomed image of a plane that faces the camera is what the longer lens would see. */
  @Test
  void zoomsAreThoseOfTheirLens() {
    int side = 32;
    // A wave over the plane, a function of the tangent of the angle.
    java.util.function.DoubleBinaryOperator plane = (x, y) -> Math.sin(5 * x + 1) * Math.cos(4 * y);
    float[] image = new float[2 * 3 * side * side];
    double focal = 35;
    for (int i = 0; i < 3 * side * side; i++) {
      double x = (i % side + 0.5 - 16) / focal;
      double y = (Math.floorDiv(i, side) % side + 0.5 - 16) / focal;
      image[3 * side * side + i] = (float) plane.applyAsDouble(x, y);
    }
    Pixels.zoom(image, 3 * side * side, side, 1.3);
    for (int i = 0; i < 3 * side * side; i++) {
      assertEquals(0, image[i], "what is beside is left alone");
      double x = (i % side + 0.5 - 16) / (1.3 * focal);
      double y = (Math.floorDiv(i, side) % side + 0.5 - 16) / (1.3 * focal);
      assertEquals(plane.applyAsDouble(x, y), image[3 * side * side + i], 0.01);
    }
    Augmentation augmentation = new Augmentation(0, 0, 0, 0, 0.5, 0);
    double least = 9;
    double most = 0;
    for (long draws = 0; draws < 200; draws++) {
      for (int view = 0; view < 2; view++) {
        least = Math.min(least, augmentation.zoom(draws, view));
        most = Math.max(most, augmentation.zoom(draws, view));
      }
    }
    assertEquals(1 / 1.5, least, 0.01);
    assertEquals(1.5, most, 0.01);
  }

  @Test
  void aColourTakesThePlaceOfTheWhiteBehind() {
    // Opaque, half transparent and empty pixels of a red object.
    byte[] rgba = {(byte) 255, 0, 0, (byte) 255, (byte) 255, 0, 0, (byte) 128, 9, 9, 9, 0};
    float[] image = new float[9];
    Rgba.toSigned(Rgba.onWhite(rgba), image, 0);
    Pixels.putBehind(image, 0, Rgba.alpha(rgba), new float[] {-1, 0, 0.5f});
    double half = 128 / 255.0;
    double[] expected = {1, 2 * half - 1, -1, -1, -half, 0, -1, -half + 0.5 * (1 - half), 0.5};
    for (int i = 0; i < 9; i++) {
      assertEquals(expected[i], image[i], 0.005, "value " + i);
    }
    Augmentation some = new Augmentation(0, 0, 0, 0, 0, 0.25);
    int coloured = 0;
    for (long draws = 0; draws < 2000; draws++) {
      coloured += some.background(draws) == null ? 0 : 1;
    }
    assertEquals(500, coloured, 6 * Math.sqrt(2000 * 0.25 * 0.75));
  }

  @Test
  void nothingIsDoneUnlessAsked() {
    assertTrue(!Augmentation.NONE.jitters() && !Augmentation.NONE.mirrors(5));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(1.1, 0, 0, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, 4, 0, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, 0, Double.NaN, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new PoseCurriculum(1, 0.5, 3));
  }
}
