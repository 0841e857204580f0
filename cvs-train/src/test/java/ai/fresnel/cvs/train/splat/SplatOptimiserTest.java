package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.splat.CameraGradient;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.train.viewset.View;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplatOptimiserTest {
  private static final int SIZE = 32;
  private static final SplatSettings SHORT =
      SplatSettings.object().withSteps(300).withGaussians(300);

  private static SplatOptimiser optimiser(
      SplatSettings settings, List<View> views, int first, int threads) {
    GaussianArrays start =
        VisualHull.sample(views, first, settings.seed()).gaussians(settings.shDegree());
    return new SplatOptimiser(settings, TestViews.weighted(views), start, threads);
  }

  private static SplatOptimiser run(SplatOptimiser optimiser) {
    while (!optimiser.isDone()) {
      optimiser.step();
    }
    return optimiser;
  }

  /** Views that were not trained on look right. */
  @Test
  void heldOutViewsLookRight() {
    List<View> views = TestViews.views(TestViews.object(), 14, SIZE);
    for (SplatDensity density :
        List.of(SplatDensity.none(), SplatDensity.published(), SplatDensity.mcmc())) {
      SplatOptimiser optimiser =
          run(optimiser(SHORT.withDensity(density), views.subList(2, 14), 200, 2));
      for (View view : views.subList(0, 2)) {
        double psnr = SplatScore.of(optimiser.cloud(), SplatView.of(view)).psnr();
        assertTrue(psnr > 28, density.method() + " has " + psnr + " dB");
      }
    }
  }

  @Test
  void equalSeedsGiveEqualGaussiansWhateverTheThreads() {
    SplatSettings settings = SHORT.withSteps(60).withShDegree(1).withSeed(5);
    List<View> views = TestViews.views(TestViews.object(), 4, SIZE);
    GaussianArrays one = run(optimiser(settings, views, 100, 1)).cloud().arrays();
    GaussianArrays other = run(optimiser(settings, views, 100, 3)).cloud().arrays();
    for (int group = 0; group < 5; group++) {
      assertArrayEquals(one.groups().get(group), other.groups().get(group));
    }
    GaussianArrays third = run(optimiser(settings.withSeed(6), views, 100, 1)).cloud().arrays();
    assertTrue(one.means()[0] != third.means()[0]);
  }

  @Test
  void theBudgetHolds() {
    for (SplatDensity density : List.of(SplatDensity.published(), SplatDensity.mcmc())) {
      SplatSettings settings =
          SHORT
              .withGaussians(120)
              .withDensity(new SplatDensity(density.method(), 0, 1, 5, 1e-7, 10));
      List<View> views = TestViews.views(TestViews.object(), 4, SIZE);
      SplatOptimiser optimiser = optimiser(settings, views, 40, 2);
      int most = 0;
      while (!optimiser.isDone()) {
        most = Math.max(most, optimiser.step().gaussians());
      }
      assertEquals(120, most, density.method() + "");
    }
  }

  /** Cameras that are off come back; the first stays. */
  @Test
  void camerasAreRefined() {
    GaussianArrays object = TestViews.object();
    List<View> views = TestViews.views(object, 6, SIZE);
    List<View> off = new ArrayList<>(List.of(views.get(0)));
    for (int i = 1; i < 6; i++) {
      View view = views.get(i);
      double[] motion = {0.01, -0.008, 0.012, 0.01, -0.01, 0.005};
      CameraPose pose = CameraGradient.moved(view.pose(), motion);
      off.add(View.of(view.intrinsics(), pose, view.rgba()));
    }
    SplatSettings settings =
        SHORT
            .withSteps(400)
            .withRates(new SplatRates(0, 1, 0, 0, 0, 0, 0))
            .withDensity(SplatDensity.none())
            .withViews(new SplatSettings.ViewSettings(5e-4, 0));
    SplatOptimiser optimiser =
        run(new SplatOptimiser(settings, TestViews.weighted(off), object, 2));
    assertEquals(views.get(0).pose(), optimiser.poses().get(0));
    for (int i = 1; i < 6; i++) {
      double before = distance(off.get(i).pose(), views.get(i).pose());
      double after = distance(optimiser.poses().get(i), views.get(i).pose());
      assertTrue(after < 0.25 * before, "camera " + i + ": " + before + " to " + after);
    }
  }

  private static double distance(CameraPose one, CameraPose other) {
    double sum = 0;
    for (int k = 0; k < 9; k++) {
      sum += Math.pow(one.rotation()[k] - other.rotation()[k], 2);
    }
    for (int k = 0; k < 3; k++) {
      sum += Math.pow(one.translation()[k] - other.translation()[k], 2);
    }
    return Math.sqrt(sum);
  }

  /** A view that is darker than the others is no darker object. */
  @Test
  void coloursOfViewsAreLearned() {
    GaussianArrays object = TestViews.object();
    List<View> views = new ArrayList<>(TestViews.views(object, 4, SIZE));
    byte[] dark = views.get(1).rgba().clone();
    for (int i = 0; i < dark.length; i++) {
      if (i % 4 < 3) {
        dark[i] = (byte) Math.round(0.8 * (dark[i] & 0xff));
      }
    }
    views.set(1, View.of(views.get(1).intrinsics(), views.get(1).pose(), dark));
    SplatSettings settings =
        SHORT
            .withRates(new SplatRates(0, 1, 0, 0, 0, 0, 0))
            .withDensity(SplatDensity.none())
            .withViews(new SplatSettings.ViewSettings(0, 5e-3));
    SplatOptimiser optimiser =
        run(new SplatOptimiser(settings, TestViews.weighted(views), object, 2));
    for (int c = 0; c < 3; c++) {
      assertEquals(0.5f, ofGrey(optimiser, 0, c));
      assertEquals(0.4, ofGrey(optimiser, 1, c), 0.03);
      assertEquals(0.5, ofGrey(optimiser, 2, c), 0.03);
    }
  }

  /** What a view makes of a colour of 0.5. */
  private static float ofGrey(SplatOptimiser optimiser, int view, int channel) {
    LearnedViews.ColourCorrection colour = optimiser.learned.colour(view);
    return 0.5f * colour.gain(channel) + colour.offset(channel);
  }

  /** With colours that tell nothing, depth maps still move Gaussians to their surface. */
  @Test
  void depthMapsPullGaussians() {
    GaussianArrays object = TestViews.object();
    List<View> views = TestViews.views(object, 1, SIZE);
    GaussianArrays moved = object.copy();
    double[] forward = views.get(0).pose().forward();
    for (int i = 0; i < moved.means().length; i++) {
      moved.means()[i] += (float) (0.05 * forward[i % 3]);
    }
    SplatSettings settings =
        SHORT
            .withRates(new SplatRates(2e-3, 0.01, 0, 0, 0, 0, 0))
            .withDensity(SplatDensity.none())
            .withLosses(new SplatLosses(0, 0, 0, 1));
    SplatOptimiser optimiser =
        run(new SplatOptimiser(settings, TestViews.weighted(views), moved, 1));
    double off = 0;
    for (int i = 0; i < 10; i++) {
      for (int k = 0; k < 3; k++) {
        off +=
            forward[k]
                * (optimiser.model.parameters.means()[3 * i + k] - object.means()[3 * i + k])
                / 10;
      }
    }
    assertEquals(0, off, 0.015);
  }

  @Test
  void regularisationClearsWhatNoViewNeeds() {
    List<View> views = TestViews.views(TestViews.object(), 6, SIZE);
    SplatSettings plain = SHORT.withDensity(SplatDensity.none());
    double without = opacity(run(optimiser(plain, views, 300, 2)));
    SplatLosses regular = new SplatLosses(0.2, 0.05, 0.05, 0);
    double with = opacity(run(optimiser(plain.withLosses(regular), views, 300, 2)));
    assertTrue(with < 0.7 * without, with + " of " + without);
  }

  private static double opacity(SplatOptimiser optimiser) {
    double sum = 0;
    for (int i = 0; i < optimiser.model.size(); i++) {
      sum += optimiser.model.opacity(i);
    }
    return sum;
  }

  @Test
  void wrongBeginningsAreRefused() {
    List<SplatView> views = TestViews.weighted(TestViews.views(TestViews.object(), 1, SIZE));
    assertMessage(
        "no views, expected 1 or more",
        () -> new SplatOptimiser(SHORT, List.of(), TestViews.object(), 1));
    assertMessage(
        "10 first Gaussians, expected 1 to 9",
        () -> new SplatOptimiser(SHORT.withGaussians(9), views, TestViews.object(), 1));
    assertMessage(
        "first Gaussians have harmonics of degree 0, expected 2",
        () -> new SplatOptimiser(SHORT.withShDegree(2), views, TestViews.object(), 1));
    assertMessage(
        "shDegree is 4.0, expected 0.0 to 3.0", () -> SplatSettings.object().withShDegree(4));
  }

  private static void assertMessage(
      String expected, org.junit.jupiter.api.function.Executable call) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
