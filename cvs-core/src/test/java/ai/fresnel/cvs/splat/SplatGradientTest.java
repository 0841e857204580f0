package ai.fresnel.cvs.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SplatGradientTest {
  private static final double[] GREY = {0.3, 0.5, 0.7};

  /** In float64: to the last digits. */
  @Test
  void theReferenceHasThePublishedGradients() throws Exception {
    SplatFixture fixture = SplatFixture.load();
    ReferenceSplats.Scene expected = fixture.gradient();
    ReferenceSplats.Scene gradient =
        new ReferenceSplats(fixture.scene(), fixture.lens(), fixture.get("background"))
            .gradient(fixture.weights());
    for (int group = 0; group < 5; group++) {
      Close.assertClose(
          "group " + group, expected.groups().get(group), gradient.groups().get(group), 1e-12);
    }
  }

  @Test
  void gradientsAreThePublishedOnes() throws Exception {
    SplatFixture fixture = SplatFixture.load();
    SplatGradient gradient =
        fixture
            .frame()
            .gradient(SplatFixture.image(fixture.weights(), fixture.width, fixture.height));
    Close.assertClose(fixture.gradient(), gradient.gaussians(), 1e-5);
    Close.assertClose("means2d", fixture.get("grad.means2d"), gradient.screen(), 1e-5);
  }

  @Test
  void gradientsAreThoseOfTheReference() {
    for (int degree = 0; degree <= 3; degree++) {
      GaussianArrays arrays = RandomSplats.arrays(degree, 50, degree);
      CameraPose pose = RandomSplats.pose(degree);
      Intrinsics lens = new Intrinsics(40, 35, 14.5, 8, 35, 21);
      SplatImage weights = RandomSplats.weights(degree, 35, 21);
      ReferenceSplats.Scene expected =
          new ReferenceSplats(RandomSplats.scene(arrays, pose), lens, GREY)
              .gradient(RandomSplats.pixels(weights));
      SplatGradient gradient = onGrey().trace(arrays, pose, lens).gradient(weights);
      Close.assertClose(expected, gradient.gaussians(), 1e-6);
      CameraGradient camera = gradient.camera();
      Close.assertClose("R", expected.viewRotation(), camera.rotation(), 1e-6);
      Close.assertClose("t", expected.viewTranslation(), camera.translation(), 1e-6);
    }
  }

  /** The reference's automatic differentiation against differences, for some of each group. */
  @Test
  void theReferenceHasTheGradientsOfFiniteDifferences() {
    GaussianArrays arrays = RandomSplats.arrays(11, 12, 3);
    CameraPose pose = RandomSplats.pose(11);
    Intrinsics lens = new Intrinsics(20, 20, 8, 8, 16, 16);
    ReferenceSplats.Pixels weights = RandomSplats.pixels(RandomSplats.weights(11, 16, 16));
    ReferenceSplats.Scene scene = RandomSplats.scene(arrays, pose);
    ReferenceSplats.Scene gradient = new ReferenceSplats(scene, lens, GREY).gradient(weights);
    Random random = new Random(11);
    for (int group = 0; group < gradient.groups().size(); group++) {
      double[] slopes = gradient.groups().get(group);
      double largest = 0;
      for (double slope : slopes) {
        largest = Math.max(largest, Math.abs(slope));
      }
      for (int turn = 0; turn < 6; turn++) {
        int i = random.nextInt(slopes.length);
        // Small, so that no pixel passes a limit on the way.
        double step = 1e-7;
        double above = loss(scene, group, i, step, lens, weights);
        double below = loss(scene, group, i, -step, lens, weights);
        assertEquals(slopes[i], (above - below) / (2 * step), 1e-5 * largest, group + ": " + i);
      }
    }
  }

  private static double loss(
      ReferenceSplats.Scene scene,
      int group,
      int i,
      double step,
      Intrinsics lens,
      ReferenceSplats.Pixels weights) {
    ReferenceSplats.Scene moved = scene.copy();
    moved.groups().get(group)[i] += step;
    ReferenceSplats.Pixels pixels = new ReferenceSplats(moved, lens, GREY).pixels;
    return dot(pixels.rgb(), weights.rgb())
        + dot(pixels.alpha(), weights.alpha())
        + dot(pixels.depth(), weights.depth());
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** The derivative by a motion against images of cameras that moved. */
  @Test
  void cameraMotionsHaveTheGradientsOfFiniteDifferences() {
    GaussianArrays arrays = RandomSplats.arrays(13, 15, 2);
    CameraPose pose = RandomSplats.pose(13);
    Intrinsics lens = new Intrinsics(20, 20, 8, 8, 16, 16);
    SplatImage weights = RandomSplats.weights(13, 16, 16);
    double[] motion = onGrey().trace(arrays, pose, lens).gradient(weights).camera().byMotion(pose);
    ReferenceSplats.Pixels all = RandomSplats.pixels(weights);
    double largest = 0;
    for (double one : motion) {
      largest = Math.max(largest, Math.abs(one));
    }
    double step = 1e-7;
    for (int axis = 0; axis < 6; axis++) {
      double[] change = new double[6];
      change[axis] = step;
      double above = loss(arrays, CameraGradient.moved(pose, change), lens, all);
      change[axis] = -step;
      double below = loss(arrays, CameraGradient.moved(pose, change), lens, all);
      assertEquals(motion[axis], (above - below) / (2 * step), 1e-4 * largest, "axis " + axis);
    }
  }

  private static double loss(
      GaussianArrays arrays, CameraPose pose, Intrinsics lens, ReferenceSplats.Pixels weights) {
    return loss(RandomSplats.scene(arrays, pose), 0, 0, 0, lens, weights);
  }

  @Test
  void gradientsDoNotDependOnThreads() {
    GaussianArrays arrays = RandomSplats.arrays(7, 3000, 1);
    CameraPose pose = RandomSplats.pose(7);
    Intrinsics lens = Intrinsics.fromFieldOfView(0.8, 100);
    SplatImage weights = RandomSplats.weights(7, 100, 100);
    SplatGradient first = onGrey().withThreads(1).trace(arrays, pose, lens).gradient(weights);
    for (int threads = 2; threads < 6; threads++) {
      SplatGradient again =
          onGrey().withThreads(threads).trace(arrays, pose, lens).gradient(weights);
      for (int group = 0; group < 5; group++) {
        assertArrayEquals(
            first.gaussians().groups().get(group), again.gaussians().groups().get(group));
      }
      assertArrayEquals(first.screen(), again.screen());
      assertArrayEquals(first.camera().rotation(), again.camera().rotation());
      assertArrayEquals(first.camera().translation(), again.camera().translation());
    }
  }

  @Test
  void radiiAreThreeDeviations() {
    GaussianArrays one = GaussianArrays.zeros(2, 0);
    one.rotations()[0] = 1;
    one.rotations()[4] = 1;
    one.logScales()[1] = (float) Math.log(0.2);
    one.logScales()[0] = (float) Math.log(0.05);
    one.logScales()[2] = (float) Math.log(0.05);
    one.means()[3] = 100;
    SplatFrame frame =
        onGrey().trace(one, CameraPose.orbit(0, 0, 10), new Intrinsics(400, 400, 32, 32, 64, 64));
    assertTrue(frame.isVisible(0));
    assertEquals(3 * Math.sqrt(8 * 8 + 0.3), frame.radius(0), 1e-5);
    assertEquals(0, frame.radius(1));
  }

  @Test
  void wrongSizesAreRefused() {
    SplatFrame frame =
        onGrey()
            .trace(
                GaussianArrays.zeros(0, 0),
                CameraPose.orbit(0, 0, 1),
                Intrinsics.fromFieldOfView(1, 4));
    assertEquals(
        "gradient of 4×5 pixels for an image of 4×4 pixels",
        assertThrows(IllegalArgumentException.class, () -> frame.gradient(SplatImage.zeros(4, 5)))
            .getMessage());
  }

  private static SplatRenderer onGrey() {
    return SplatRenderer.onBlack().withBackground(GREY[0], GREY[1], GREY[2]);
  }
}
