package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SilhouetteTest {

  private static final int SIDE = 128;

  /** Alpha of a disc, 1 where a pixel's centre is nearer than the radius. */
  private static float[] disc(double cx, double cy, double radius) {
    float[] alpha = new float[SIDE * SIDE];
    for (int i = 0; i < alpha.length; i++) {
      double x = i % SIDE + 0.5 - cx;
      double y = Math.floorDiv(i, SIDE) + 0.5 - cy;
      alpha[i] = Math.hypot(x, y) < radius ? 1 : 0;
    }
    return alpha;
  }

  /** An image of one value where alpha is above 0, white elsewhere. */
  private static float[] painted(float[] alpha, float value) {
    float[] image = new float[3 * alpha.length];
    for (int i = 0; i < image.length; i++) {
      image[i] = alpha[i % alpha.length] > 0 ? value : 1;
    }
    return image;
  }

  private static double iou(float[] truth, float[] drawn) {
    return Silhouette.ofAlpha(truth, SIDE).iou(Silhouette.drawn(drawn, SIDE));
  }

  /** The lens of two circles of radius r at distance d: 2 r² acos(d / 2r) − d/2 √(4r² − d²). */
  @Test
  void iouOfTwoDiscsIsThatOfTheirLens() {
    double r = 40;
    for (double d : new double[] {0, 10, 25, 40, 60}) {
      double lens = 2 * r * r * Math.acos(d / 2 / r) - d / 2 * Math.sqrt(4 * r * r - d * d);
      double expected = lens / (2 * Math.PI * r * r - lens);
      float[] truth = disc(64 - d / 2, 64, r);
      float[] drawn = painted(disc(64 + d / 2, 64, r), 0);
      assertEquals(expected, iou(truth, drawn), 0.01, "distance " + d);
    }
    float[] small = painted(disc(64, 64, 20), 0);
    assertEquals(0.25, iou(disc(64, 64, 40), small), 0.01, "one disc in the other");
    assertEquals(0, iou(disc(20, 64, 10), painted(disc(90, 64, 10), 0)), 0, "apart");
    float[] nothing = painted(new float[SIDE * SIDE], 0);
    assertEquals(0, iou(disc(64, 64, 40), nothing), 0, "nothing drawn");
  }

  /** One channel is enough, and 13 of 255 below white: 242 counts, 243 does not. */
  @Test
  void whatIsNotWhiteIsDrawn() {
    float[] white = painted(new float[SIDE * SIDE], 0);
    assertEquals(0, Silhouette.drawn(white, SIDE).area());
    for (int c = 0; c < 3; c++) {
      float[] image = white.clone();
      image[c * SIDE * SIDE + 700] = EvalFixtures.signed(242);
      image[c * SIDE * SIDE + 701] = EvalFixtures.signed(243);
      Silhouette drawn = Silhouette.drawn(image, SIDE);
      assertEquals(1, drawn.area());
      assertTrue(drawn.mask()[700]);
    }
  }

  /** Antialiasing and glass: a tenth of a pixel is the limit. */
  @Test
  void alphaAboveATenthIsTheObject() {
    float[] alpha = new float[SIDE * SIDE];
    alpha[5] = 0.11f;
    alpha[6] = 0.09f;
    alpha[7] = 1;
    boolean[] mask = Silhouette.ofAlpha(alpha, SIDE).mask();
    assertTrue(mask[5] && mask[7]);
    assertFalse(mask[4] || mask[6]);
  }

  /** A rectangle loses its margin on each side; a hole of one pixel grows to 5×5. */
  @Test
  void erosionTakesASquareWindow() {
    float[] alpha = new float[SIDE * SIDE];
    for (int y = 10; y < 40; y++) {
      Arrays.fill(alpha, y * SIDE + 20, y * SIDE + 70, 1);
    }
    assertEquals(26 * 46, Silhouette.ofAlpha(alpha, SIDE).eroded(2).area());
    boolean[] mask = Silhouette.ofAlpha(alpha, SIDE).eroded(2).mask();
    assertTrue(mask[12 * SIDE + 22] && mask[37 * SIDE + 67]);
    assertFalse(mask[11 * SIDE + 22] || mask[12 * SIDE + 21] || mask[38 * SIDE + 67]);
    alpha[25 * SIDE + 40] = 0;
    assertEquals(26 * 46 - 25, Silhouette.ofAlpha(alpha, SIDE).eroded(2).area());
    // The frame's edge is an outline: what lies beyond it is not known.
    float[] full = new float[SIDE * SIDE];
    Arrays.fill(full, 1);
    assertEquals((SIDE - 4) * (SIDE - 4), Silhouette.ofAlpha(full, SIDE).eroded(2).area());
  }

  @Test
  void gradientsWantTwoNeighboursEachWay() {
    float[] alpha = new float[SIDE * SIDE];
    alpha[300] = 1;
    alpha[301] = 1;
    assertFalse(Silhouette.ofAlpha(alpha, SIDE).hasGradient());
    alpha[300 + SIDE] = 1;
    assertTrue(Silhouette.ofAlpha(alpha, SIDE).hasGradient());
    // The last pixel of a row is no neighbour of the next row's first.
    float[] wrapped = new float[SIDE * SIDE];
    wrapped[SIDE - 1] = 1;
    wrapped[SIDE] = 1;
    wrapped[2 * SIDE] = 1;
    assertFalse(Silhouette.ofAlpha(wrapped, SIDE).hasGradient());
  }

  @Test
  void imagesOfAnotherSizeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Silhouette.ofAlpha(new float[SIDE], SIDE));
  }
}
