package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.train.viewset.View;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplatDataTest {

  /** One round Gaussian of radius about a quarter. */
  private static List<View> ball(int count) {
    GaussianArrays ball = GaussianArrays.zeros(1, 0);
    ball.rotations()[0] = 1;
    ball.opacityLogits()[0] = 6;
    ball.sh()[0] = 1;
    for (int k = 0; k < 3; k++) {
      ball.logScales()[k] = (float) Math.log(0.12);
    }
    return TestViews.views(ball, count, 48);
  }

  @Test
  void everyEighthViewIsHeldOut() {
    List<View> views = ball(18);
    SplatData data = SplatData.ofObject(views);
    assertEquals(
        List.of(views.get(0), views.get(8), views.get(16)),
        data.heldOut().stream().map(SplatView::view).toList());
    assertEquals(15, data.training().size());
    assertEquals(0, SplatData.ofObject(views.subList(0, 3)).heldOut().size());
  }

  @Test
  void pointsBeginInTheHullWithItsColours() {
    SplatSettings settings = SplatSettings.object().withGaussians(500).withSeed(1);
    GaussianArrays points = SplatData.ofObject(ball(18)).start().gaussians(settings);
    assertEquals(500, points.size());
    // alpha is 0.1 at 2.14 standard deviations.
    double most = 0;
    for (int i = 0; i < 500; i++) {
      double square = 0;
      for (int k = 0; k < 3; k++) {
        square += Math.pow(points.means()[3 * i + k], 2);
      }
      most = Math.max(most, Math.sqrt(square));
      assertTrue(points.sh()[3 * i] > 0.7, "red " + points.sh()[3 * i]);
      assertEquals(0, points.sh()[3 * i + 1], 0.08);
    }
    assertEquals(0.26, most, 0.06);
  }

  /** A mask that cuts an object away in a few views cuts no points away. */
  @Test
  void theHullToleratesFewMisses() {
    List<View> views = new java.util.ArrayList<>(ball(20));
    View first = views.get(0);
    views.set(0, View.of(first.intrinsics(), first.pose(), new byte[first.rgba().length]));
    InitialPoints points = VisualHull.sample(views, 200, 0);
    double most = 0;
    for (float position : points.positions()) {
      most = Math.max(most, Math.abs(position));
    }
    assertTrue(most < 0.35, "within " + most);
  }

  @Test
  void anEmptyHullIsTheCube() {
    View first = ball(1).get(0);
    View nothing = View.of(first.intrinsics(), first.pose(), new byte[first.rgba().length]);
    InitialPoints points = VisualHull.sample(List.of(nothing), 50, 0);
    assertEquals(50, points.size());
    assertEquals(0.5f, points.colours()[7]);
  }

  @Test
  void pointsAreChosenWithoutRepetition() {
    float[] positions = new float[300];
    for (int i = 0; i < 300; i++) {
      positions[i] = Math.floorDiv(i, 3);
    }
    InitialPoints points = new InitialPoints(positions, new float[300]);
    InitialPoints some = points.sample(40, 3);
    assertEquals(40, some.size());
    boolean[] taken = new boolean[100];
    for (int i = 0; i < 40; i++) {
      int which = (int) some.positions()[3 * i];
      assertTrue(!taken[which]);
      taken[which] = true;
    }
    assertArrayEquals(positions, points.sample(100, 3).positions());
  }

  @Test
  void gaussiansAreAsLargeAsTheirNeighboursAreFar() {
    float[] row = {0, 0, 0, 1, 0, 0, 3, 0, 0, 6, 0, 0};
    float[] colours = {1, 0.5f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    GaussianArrays gaussians = new InitialPoints(row, colours).gaussians(1);
    assertEquals(Math.log(10.0 / 3), gaussians.logScales()[0], 1e-5);
    assertEquals(Math.log(8.0 / 3), gaussians.logScales()[4], 1e-5);
    assertEquals(0.5 / 0.28209479, gaussians.sh()[0], 1e-5);
    assertEquals(0, gaussians.sh()[3]);
    assertEquals(Math.log(1 / 9.0), gaussians.opacityLogits()[3], 1e-5);
  }

  @Test
  void pointsThatAreNotFiniteAreRefused() {
    assertEquals(
        "point 1 is not finite",
        assertThrows(
                IllegalArgumentException.class,
                () -> new InitialPoints(new float[] {0, 0, 0, Float.NaN, 0, 0}, new float[6]))
            .getMessage());
  }
}
