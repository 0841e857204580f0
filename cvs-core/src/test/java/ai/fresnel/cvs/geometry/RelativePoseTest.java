package ai.fresnel.cvs.geometry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RelativePoseTest {

  private static final Intrinsics LENS = new Intrinsics(64, 32, 32, 32, 64, 64);
  private static final Intrinsics OTHER = new Intrinsics(128, 96, 32, 32, 64, 64);

  @Test
  void takesSourceAxesToTargetAxes() {
    CameraPose source = CameraPose.lookAt(new double[] {1, 2, 0.5}, new double[] {0.1, 0, 0});
    CameraPose target = CameraPose.orbit(-2, 0.9, 1.8);
    RelativePose move = RelativePose.between(source, target);
    double[] world = {0.3, -0.4, 0.2};
    double[] s = source.transform(world);
    double[] r = move.rotation();
    double[] t = move.translation();
    double[] moved = new double[3];
    for (int i = 0; i < 3; i++) {
      moved[i] = r[3 * i] * s[0] + r[3 * i + 1] * s[1] + r[3 * i + 2] * s[2] + t[i];
    }
    assertArrayEquals(target.transform(world), moved, 1e-12);
  }

  @Test
  void featuresOfAQuarterTurn() {
    float[] features =
        RelativePose.features(
            CameraPose.orbit(0, 0, 2), LENS, CameraPose.orbit(Math.PI / 2, 0, 2), OTHER);
    // The source's right (+y) is the target's backward, its down stays, its forward (−x) is the
    // target's right. The source, at (2, 0, 0), has target coordinates (-2, 0, 2).
    assertArrayEquals(
        new float[] {0, 0, -1, 0, 1, 0, -2, 0, 2, 1, 0.5f, 2, 1.5f, 0, -1, 0}, features, 1e-6f);
    assertEquals(RelativePose.FEATURES, features.length);
  }

  @Test
  void sameCameraIsTheIdentity() {
    CameraPose pose = CameraPose.orbit(1, 0.4, 1.5);
    float[] features = RelativePose.features(pose, LENS, pose, LENS);
    float down = (float) -Math.cos(0.4);
    float back = (float) -Math.sin(0.4);
    assertArrayEquals(
        new float[] {1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0.5f, 1, 0.5f, 0, down, back}, features, 1e-6f);
  }

  @Test
  void theAngleOfAHorizontalMove() {
    CameraPose source = CameraPose.orbit(0.2, 0, 2);
    assertEquals(0, RelativePose.between(source, source).angle(), 1e-12);
    assertEquals(1.1, RelativePose.between(source, CameraPose.orbit(1.3, 0, 1)).angle(), 1e-12);
    CameraPose opposite = CameraPose.orbit(0.2 + Math.PI, 0, 2);
    assertEquals(Math.PI, RelativePose.between(source, opposite).angle(), 1e-12);
  }

  @Test
  void sixNumbersAreTheFirstTwoColumns() {
    double[] r = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    assertArrayEquals(new double[] {1, 4, 7, 2, 5, 8}, Rotation6d.encode(r));
  }

  @Test
  void sixNumbersComeBackAsTheRotation() {
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      CameraPose pose = CameraPose.orbit(random.nextDouble() * 6, random.nextDouble() * 3 - 1.5, 1);
      double[] six = Rotation6d.encode(pose.rotation());
      for (int k = 0; k < 6; k++) {
        six[k] *= k < 3 ? 3 : 0.2;
      }
      assertArrayEquals(pose.rotation(), Rotation6d.decode(six), 1e-12);
    }
  }

  @Test
  void gramSchmidtKeepsTheFirstColumn() {
    assertArrayEquals(
        new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1},
        Rotation6d.decode(new double[] {2, 0, 0, 5, 3, 0}),
        1e-12);
  }

  @Test
  void degenerateSixNumbersAreRefused() {
    for (double[] six :
        new double[][] {
          {0, 0, 0, 0, 1, 0},
          {1, 0, 0, 0, 0, 0},
          {1, 2, 3, -2, -4, -6},
          {1, 0, 0, 0, Double.NaN, 0},
          {1, 0, 0}
        }) {
      assertThrows(IllegalArgumentException.class, () -> Rotation6d.decode(six));
    }
  }
}
