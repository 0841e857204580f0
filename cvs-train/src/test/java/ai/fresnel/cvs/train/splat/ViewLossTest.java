package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.splat.SplatImage;
import ai.fresnel.cvs.train.eval.ImageMetrics;
import ai.fresnel.cvs.train.viewset.View;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ViewLossTest {
  private static final int WIDTH = 40;
  private static final int HEIGHT = 31;
  private static final float[] BACKGROUND = {0.2f, 0.7f, 0.4f};
  private static final SplatLosses ALL = new SplatLosses(0.3, 0, 0, 0.5);

  private final Random random = new Random(1);

  /** An object in a corner of the frame, with soft edges, and depth on part of it. */
  private SplatView view() {
    byte[] rgba = new byte[4 * WIDTH * HEIGHT];
    float[] depth = new float[WIDTH * HEIGHT];
    for (int row = 0; row < 14; row++) {
      for (int column = 0; column < 12; column++) {
        int i = row * WIDTH + column;
        for (int c = 0; c < 4; c++) {
          rgba[4 * i + c] = (byte) random.nextInt(256);
        }
        depth[i] = random.nextInt(3);
      }
    }
    Intrinsics lens = new Intrinsics(30, 30, 20, 15, WIDTH, HEIGHT);
    return SplatView.of(View.of(lens, CameraPose.orbit(0, 0, 1), rgba).withDepth(depth))
        .withWeight(1.5);
  }

  private SplatImage image() {
    SplatImage image = SplatImage.zeros(WIDTH, HEIGHT);
    for (int row = 2; row < 20; row++) {
      for (int column = 0; column < 9; column++) {
        int i = row * WIDTH + column;
        image.alpha()[i] = random.nextFloat();
        image.depth()[i] = 2 * random.nextFloat();
        for (int c = 0; c < 3; c++) {
          image.rgb()[3 * i + c] = random.nextFloat() * image.alpha()[i];
        }
      }
    }
    return image;
  }

  private static LearnedViews.ColourCorrection colour() {
    return new LearnedViews.ColourCorrection(new float[] {1.1f, 0.9f, 1, 0.05f, 0, -0.02f});
  }

  private static ViewLoss.Result loss(SplatLosses weights, SplatImage image, SplatView view) {
    return new ViewLoss(weights, 2).of(image, view, colour(), BACKGROUND);
  }

  /** The crop changes nothing: the metric visits the whole frame. */
  @Test
  void similarityIsThatOfTheWholeFrame() {
    SplatView view = view();
    SplatImage image = image();
    float[] shown = new float[3 * WIDTH * HEIGHT];
    float[] truth = new float[shown.length];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      float alpha = (view.view().rgba()[4 * i + 3] & 0xff) / 255f;
      for (int c = 0; c < 3; c++) {
        float light = (view.view().rgba()[4 * i + c] & 0xff) / 255f;
        int at = c * WIDTH * HEIGHT + i;
        // From 0 to 2, for a metric with the range of [-1, 1]: similarity depends on the zero.
        truth[at] = 2 * (alpha * light + (1 - alpha) * BACKGROUND[c]);
        shown[at] =
            2
                * (colour().gain(c) * image.rgb()[3 * i + c]
                    + colour().offset(c) * image.alpha()[i]
                    + (1 - image.alpha()[i]) * BACKGROUND[c]);
      }
    }
    double expected = 1.5 * (1 - new ImageMetrics(3, HEIGHT, WIDTH).ssim(shown, truth));
    assertEquals(expected, loss(new SplatLosses(1, 0, 0, 0), image, view).value(), 1e-5);
    double sum = 0;
    for (int i = 0; i < shown.length; i++) {
      sum += Math.abs(shown[i] - truth[i]) / 2;
    }
    assertEquals(
        1.5 * sum / shown.length, loss(new SplatLosses(0, 0, 0, 0), image, view).value(), 1e-6);
  }

  @Test
  void derivativesAreThoseOfFiniteDifferences() {
    assertSlopes(view());
    SplatView object = view();
    assertSlopes(new SplatView(object.view(), object.weight(), SplatView.Surroundings.UNKNOWN));
  }

  private void assertSlopes(SplatView view) {
    SplatImage image = image();
    ViewLoss.Result found = loss(ALL, image, view);
    for (int turn = 0; turn < 200; turn++) {
      int i = random.nextInt(18) * WIDTH + random.nextInt(12);
      int c = random.nextInt(3);
      assertSlope(image.rgb(), 3 * i + c, found.pixels().rgb(), image, view);
      assertSlope(image.alpha(), i, found.pixels().alpha(), image, view);
      assertSlope(image.depth(), i, found.pixels().depth(), image, view);
    }
  }

  private static void assertSlope(
      float[] values, int i, float[] slopes, SplatImage image, SplatView view) {
    float step = 1f / 512;
    float before = values[i];
    values[i] = before + step;
    double above = loss(ALL, image, view).value();
    values[i] = before - step;
    double below = loss(ALL, image, view).value();
    values[i] = before;
    // The terms with a kink there differ: then the slope is between the two on either side.
    double middle = loss(ALL, image, view).value();
    double right = (above - middle) / step;
    double left = (middle - below) / step;
    double slack = 2e-5 + 0.02 * Math.abs(right - left);
    assertEquals(
        true,
        slopes[i] >= Math.min(left, right) - slack && slopes[i] <= Math.max(left, right) + slack,
        i + ": " + slopes[i] + " between " + left + " and " + right);
  }

  @Test
  void derivativesByColoursAreThoseOfFiniteDifferences() {
    SplatView view = view();
    SplatImage image = image();
    float[] slopes = loss(ALL, image, view).colour();
    for (int k = 0; k < 6; k++) {
      double[] losses = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = colour().values();
        moved[k] += (side == 0 ? -1 : 1) / 1024f;
        losses[side] =
            new ViewLoss(ALL, 1)
                .of(image, view, new LearnedViews.ColourCorrection(moved), BACKGROUND)
                .value();
      }
      assertEquals((losses[1] - losses[0]) * 512, slopes[k], 2e-3 * Math.abs(slopes[k]) + 2e-4);
    }
  }

  @Test
  void whatAnImageDoesNotTellCostsNothing() {
    Intrinsics lens = new Intrinsics(30, 30, 20, 15, WIDTH, HEIGHT);
    byte[] nothing = new byte[4 * WIDTH * HEIGHT];
    SplatView view = SplatView.ofScene(View.of(lens, CameraPose.orbit(0, 0, 1), nothing));
    ViewLoss.Result found = loss(ALL, image(), view);
    assertEquals(0, found.value());
    for (float slope : found.pixels().rgb()) {
      assertEquals(0, slope);
    }
  }

  @Test
  void equalImagesHaveNoLoss() {
    SplatView view = view();
    SplatImage image = SplatImage.zeros(WIDTH, HEIGHT);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      float alpha = (view.view().rgba()[4 * i + 3] & 0xff) * (1 / 255f);
      image.alpha()[i] = alpha;
      for (int c = 0; c < 3; c++) {
        image.rgb()[3 * i + c] = alpha * (view.view().rgba()[4 * i + c] & 0xff) * (1 / 255f);
      }
    }
    ViewLoss.Result found =
        new ViewLoss(new SplatLosses(0.2, 0, 0, 0), 1)
            .of(image, view, LearnedViews.ColourCorrection.none(), BACKGROUND);
    assertEquals(0, found.value(), 1e-6);
  }
}
