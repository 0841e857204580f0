package ai.fresnel.cvs.geometry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CameraPoseTest {

  private static final double[] ORIGIN = {0, 0, 0};
  private static final double[] IDENTITY = {1, 0, 0, 0, 1, 0, 0, 0, 1};

  @Test
  void azimuthZeroStandsOnXLooksAlongMinusXAndHasZUp() {
    CameraPose pose = CameraPose.orbit(0, 0, 2);

    assertArrayEquals(new double[] {2, 0, 0}, pose.position(), 1e-12);
    assertArrayEquals(new double[] {-1, 0, 0}, pose.forward(), 1e-12);
    // y runs down in the image, so world up is (0, -1, 0) in the camera.
    assertArrayEquals(new double[] {0, -1, 0}, pose.worldUpInCamera(), 1e-12);
    // Facing −x with +z up, +y is to the right.
    assertArrayEquals(new double[] {1, 0, 2}, pose.transform(new double[] {0, 1, 0}), 1e-12);
    assertArrayEquals(new double[] {0, -1, 2}, pose.transform(new double[] {0, 0, 1}), 1e-12);
    assertArrayEquals(new double[] {0, 1, 0, 0, 0, -1, -1, 0, 0}, pose.rotation(), 1e-12);
    assertArrayEquals(new double[] {0, 0, 2}, pose.translation(), 1e-12);
  }

  @Test
  void azimuthRunsAnticlockwiseSeenFromAbove() {
    assertArrayEquals(
        new double[] {0, 1.5, 0}, CameraPose.orbit(Math.PI / 2, 0, 1.5).position(), 1e-12);
  }

  @Test
  void orbitAtThirtyDegreesUp() {
    CameraPose pose = CameraPose.orbit(Math.PI, Math.toRadians(30), 2);

    assertArrayEquals(new double[] {-Math.sqrt(3), 0, 1}, pose.position(), 1e-12);
    // Looking 30 degrees down, up tilts away from the image's up towards the viewer's back.
    assertArrayEquals(new double[] {0, -Math.sqrt(3) / 2, -0.5}, pose.worldUpInCamera(), 1e-12);
  }

  @Test
  void anglesComeBack() {
    for (double azimuth : new double[] {-3, -1.2, 0, 0.4, 2.9}) {
      for (double elevation : new double[] {-1.5, -0.3, 0, 0.7, 1.5}) {
        CameraPose pose = CameraPose.orbit(azimuth, elevation, 1.7);
        assertEquals(azimuth, pose.azimuth(), 1e-9);
        assertEquals(elevation, pose.elevation(), 1e-9);
        assertEquals(1.7, pose.radius(), 1e-12);
        double[] centre = pose.transform(ORIGIN);
        assertArrayEquals(new double[] {0, 0, 1.7}, centre, 1e-12);
      }
    }
  }

  @Test
  void atThePolesUpIsX() {
    CameraPose top = CameraPose.orbit(0.8, Math.PI / 2, 2);
    assertArrayEquals(new double[] {0, 0, 2}, top.position(), 1e-12);
    // A point on +x is above the middle: y is negative.
    assertArrayEquals(new double[] {0, -1, 2}, top.transform(new double[] {1, 0, 0}), 1e-9);
    // Seen from above with +x up, +y is on the left.
    assertArrayEquals(new double[] {-1, 0, 2}, top.transform(new double[] {0, 1, 0}), 1e-9);
    assertEquals(0, top.azimuth());
    assertEquals(Math.PI / 2, top.elevation(), 1e-9);

    CameraPose bottom = CameraPose.orbit(0.8, -Math.PI / 2, 2);
    assertArrayEquals(new double[] {0, -1, 2}, bottom.transform(new double[] {1, 0, 0}), 1e-9);
    assertArrayEquals(new double[] {1, 0, 2}, bottom.transform(new double[] {0, 1, 0}), 1e-9);
  }

  @Test
  void lookAtPutsTheTargetInTheMiddle() {
    double[] target = {0.3, -0.2, 0.9};
    double[] centre = CameraPose.lookAt(new double[] {1, 2, 3}, target).transform(target);
    assertArrayEquals(
        new double[] {0, 0, Math.sqrt(0.7 * 0.7 + 2.2 * 2.2 + 2.1 * 2.1)}, centre, 1e-12);
  }

  @Test
  void smallErrorsOfRotationAreRemoved() {
    double[] rotation = {1.00003, 0.00002, 0, 0, 0.99998, 0.00001, 0, 0, 1};
    double[] r = CameraPose.of(rotation, ORIGIN).rotation();
    double[] gram = Vectors.multiplyByTransposed(r, r);
    assertArrayEquals(IDENTITY, gram, 1e-14);
    assertArrayEquals(rotation, r, 5e-5);
  }

  @Test
  void wrongRotationsAreRefused() {
    assertMessage(
        "rotation has determinant -1, expected 1", new double[] {1, 0, 0, 0, 1, 0, 0, 0, -1});
    assertMessage(
        "rotation is not orthonormal: product of rows 0 and 0 is 4.00000, expected 1",
        new double[] {2, 0, 0, 0, 1, 0, 0, 0, 1});
    assertMessage(
        "rotation is not orthonormal: product of rows 0 and 1 is 0.600000, expected 0",
        new double[] {1, 0, 0, 0.6, 0.8, 0, 0, 0, 1});
    assertMessage(
        "rotation value 4 is NaN, expected a finite number",
        new double[] {1, 0, 0, 0, Double.NaN, 0, 0, 0, 1});
    assertMessage("rotation has 4 values, expected 9", new double[4]);
    assertThrows(
        IllegalArgumentException.class,
        () -> CameraPose.of(IDENTITY, new double[] {0, Double.POSITIVE_INFINITY, 0}));
  }

  @Test
  void impossibleOrbitsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> CameraPose.orbit(0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> CameraPose.orbit(0, 30, 1));
    assertThrows(IllegalArgumentException.class, () -> CameraPose.orbit(Double.NaN, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> CameraPose.lookAt(ORIGIN, ORIGIN));
  }

  /** A mirrored point is where the point was, with left and right exchanged. */
  @Test
  void mirroredCamerasSeeMirroredWorlds() {
    Intrinsics lens = Intrinsics.fromFieldOfView(0.9, 100);
    double[][] points = {{0.3, 0.1, -0.2}, {-0.4, 0.2, 0.5}, {0, 0, 0}};
    for (int i = 0; i < 6; i++) {
      double[] aim = {0.1 * i, -0.05 * i, 0.2};
      CameraPose pose = CameraPose.lookAt(CameraPose.orbit(i, 0.2 * i - 0.4, 1.8).position(), aim);
      CameraPose mirrored = pose.mirrored();
      for (double[] point : points) {
        double[] seen = lens.project(pose.toCamera(point));
        double[] other =
            lens.project(mirrored.toCamera(new double[] {-point[0], point[1], point[2]}));
        assertArrayEquals(new double[] {100 - seen[0], seen[1]}, other, 1e-9);
      }
    }
  }

  @Test
  void accessorsGiveCopies() {
    CameraPose pose = CameraPose.orbit(0, 0, 1);
    pose.rotation()[0] = 7;
    pose.translation()[0] = 7;
    assertEquals(CameraPose.orbit(0, 0, 1), pose);
    assertEquals(CameraPose.orbit(0, 0, 1).hashCode(), pose.hashCode());
    assertNotEquals(CameraPose.orbit(0, 0, 2), pose);
  }

  private static void assertMessage(String expected, double[] rotation) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> CameraPose.of(rotation, ORIGIN))
            .getMessage();
    assertTrue(message.startsWith(expected), message);
  }
}
