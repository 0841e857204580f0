package ai.fresnel.cvs.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SplatRendererTest {
  private static final double[] WHITE = {1, 1, 1};

  /** In float64: to the last digits. */
  @Test
  void theReferenceDrawsThePublishedImage() throws Exception {
    SplatFixture fixture = SplatFixture.load();
    ReferenceSplats.Pixels pixels =
        new ReferenceSplats(fixture.scene(), fixture.lens(), fixture.get("background")).pixels;
    Close.assertClose("image", fixture.get("image"), pixels.rgb(), 1e-12);
    Close.assertClose("alpha", fixture.get("alpha"), pixels.alpha(), 1e-12);
    Close.assertClose("depth", fixture.get("depth"), pixels.depth(), 1e-12);
  }

  @Test
  void itDrawsThePublishedImage() throws Exception {
    SplatFixture fixture = SplatFixture.load();
    SplatImage image = fixture.frame().image();
    Close.assertClose("image", fixture.get("image"), image.rgb(), 1e-6);
    Close.assertClose("alpha", fixture.get("alpha"), image.alpha(), 1e-6);
    Close.assertClose("depth", fixture.get("depth"), image.depth(), 1e-6);
  }

  /** Sizes that no tile divides, a lens off the middle, and all degrees of harmonics. */
  @Test
  void itDrawsWhatTheReferenceDraws() {
    for (int degree = 0; degree <= 3; degree++) {
      GaussianArrays arrays = RandomSplats.arrays(degree, 50, degree);
      CameraPose pose = RandomSplats.pose(degree);
      Intrinsics lens = new Intrinsics(40, 35, 14.5, 8, 35, 21);
      ReferenceSplats reference =
          new ReferenceSplats(RandomSplats.scene(arrays, pose), lens, WHITE);
      SplatImage image = SplatRenderer.onWhite().render(GaussianCloud.of(arrays), pose, lens);
      Close.assertClose(reference.pixels, image, 1e-6);
    }
  }

  @Test
  void harmonicsOfHighDegreesCanBeLeftOut() {
    GaussianArrays full = RandomSplats.arrays(5, 60, 2);
    GaussianArrays cut = RandomSplats.arrays(5, 60, 1);
    for (int i = 0; i < 60; i++) {
      System.arraycopy(full.sh(), 27 * i, cut.sh(), 12 * i, 12);
    }
    CameraPose pose = RandomSplats.pose(5);
    Intrinsics lens = Intrinsics.fromFieldOfView(0.8, 40);
    SplatRenderer renderer = SplatRenderer.onBlack();
    float[] less = renderer.withMaxShDegree(1).trace(full, pose, lens).image().rgb();
    assertArrayEquals(renderer.trace(cut, pose, lens).image().rgb(), less);
  }

  /** One round Gaussian far away is a round spot of known size. */
  @Test
  void oneGaussianIsASpot() {
    GaussianArrays one = GaussianArrays.zeros(1, 0);
    one.rotations()[0] = 1;
    double sigma = 0.1;
    one.logScales()[0] = (float) Math.log(sigma);
    one.logScales()[1] = (float) Math.log(sigma);
    one.logScales()[2] = (float) Math.log(sigma);
    one.opacityLogits()[0] = 0;
    one.sh()[0] = (float) (0.5 / SphericalHarmonics.C0);
    Intrinsics lens = new Intrinsics(400, 400, 32.5, 32.5, 65, 65);
    SplatImage image =
        SplatRenderer.onBlack().render(GaussianCloud.of(one), CameraPose.orbit(0, 0, 10), lens);
    double variance = Math.pow(400 * sigma / 10, 2) + 0.3;
    for (int column = 0; column < 65; column++) {
      double alpha = 0.5 * Math.exp(-0.5 * Math.pow(column - 32, 2) / variance);
      double expected = alpha < 1.0 / 255 ? 0 : alpha;
      int pixel = 32 * 65 + column;
      assertEquals(expected, image.alpha()[pixel], 1e-6);
      assertEquals(expected, image.rgb()[3 * pixel], 1e-6);
      assertEquals(0.5 * expected, image.rgb()[3 * pixel + 1], 1e-6);
      assertEquals(10 * expected, image.depth()[pixel], 1e-5);
    }
  }

  @Test
  void imagesDoNotDependOnThreads() {
    GaussianArrays arrays = RandomSplats.arrays(7, 3000, 1);
    CameraPose pose = RandomSplats.pose(7);
    Intrinsics lens = Intrinsics.fromFieldOfView(0.8, 100);
    SplatRenderer renderer = SplatRenderer.onWhite();
    SplatImage first = renderer.withThreads(1).trace(arrays, pose, lens).image();
    for (int threads = 2; threads < 6; threads++) {
      SplatImage again = renderer.withThreads(threads).trace(arrays, pose, lens).image();
      assertArrayEquals(first.rgb(), again.rgb());
      assertArrayEquals(first.alpha(), again.alpha());
      assertArrayEquals(first.depth(), again.depth());
    }
  }

  @Test
  void emptyCloudsShowTheBackground() {
    SplatImage image =
        SplatRenderer.onBlack()
            .withBackground(0.25, 0.5, 0.75)
            .render(
                GaussianCloud.of(GaussianArrays.zeros(0, 0)),
                CameraPose.orbit(0, 0, 2),
                Intrinsics.fromFieldOfView(1, 3));
    assertArrayEquals(new float[] {0.25f, 0.5f, 0.75f}, java.util.Arrays.copyOf(image.rgb(), 3));
    assertEquals(0, image.alpha()[8]);
  }

  /** Any cloud that can be made can be drawn: needles, giants, specks, and all in one place. */
  @Test
  void cloudsOfExtremesAreDrawn() {
    Random random = new Random(3);
    float[] extremes = {0, 1e-30f, 1e-6f, 1, 30, 1e4f, 1e12f};
    for (int round = 0; round < 200; round++) {
      GaussianArrays arrays = GaussianArrays.zeros(20, 1);
      for (float[] group : arrays.groups()) {
        for (int i = 0; i < group.length; i++) {
          float value = extremes[random.nextInt(extremes.length)];
          group[i] = random.nextBoolean() ? value : -value;
        }
      }
      for (int i = 0; i < arrays.logScales().length; i++) {
        arrays.logScales()[i] = Math.min(40, arrays.logScales()[i]);
      }
      for (int i = 0; i < 20; i++) {
        arrays.rotations()[4 * i] += 1e-20f;
      }
      SplatFrame frame =
          SplatRenderer.onWhite()
              .trace(
                  GaussianCloud.of(arrays).arrays(),
                  CameraPose.orbit(random.nextDouble(), 0.3, 2),
                  Intrinsics.fromFieldOfView(0.9, 20));
      for (float alpha : frame.image().alpha()) {
        assertTrue(alpha >= 0 && alpha <= 1, "alpha " + alpha);
      }
      for (float value : frame.image().rgb()) {
        assertTrue(value >= 0, "colour " + value);
      }
      frame.gradient(RandomSplats.weights(round, 20, 20));
    }
  }

  @Test
  void cloudsThatCoverTooMuchAreRefused() {
    GaussianArrays arrays = GaussianArrays.zeros(10_001, 0);
    for (int i = 0; i < 10_001; i++) {
      arrays.rotations()[4 * i] = 1;
      arrays.logScales()[3 * i] = 5;
      arrays.logScales()[3 * i + 1] = 5;
      arrays.logScales()[3 * i + 2] = 5;
    }
    assertEquals(
        "Gaussians cover more than 100000000 tiles of the image, expected fewer or smaller"
            + " Gaussians, or fewer pixels",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    SplatRenderer.onBlack()
                        .render(
                            GaussianCloud.of(arrays),
                            CameraPose.orbit(0, 0, 2),
                            Intrinsics.fromFieldOfView(0.9, 1600)))
            .getMessage());
  }
}
