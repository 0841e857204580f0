package ai.fresnel.cvs.geometry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class PoseConverterTest {

  @Test
  void zero123OffsetsHaveItsSigns() {
    Zero123Pose move =
        Zero123Pose.between(CameraPose.orbit(0.1, 0.2, 1.5), CameraPose.orbit(0.6, 0.9, 1.8));
    assertEquals(-0.7, move.dTheta(), 1e-9);
    assertEquals(0.5, move.dPhi(), 1e-9);
    assertEquals(0.3, move.dR(), 1e-9);
  }

  @Test
  void zero123AzimuthTakesTheShortWay() {
    CameraPose source = CameraPose.orbit(3, 0, 1);
    CameraPose target = CameraPose.orbit(-3, 0, 1);
    assertEquals(2 * Math.PI - 6, Zero123Pose.between(source, target).dPhi(), 1e-9);
    assertEquals(6 - 2 * Math.PI, Zero123Pose.between(target, source).dPhi(), 1e-9);
  }

  @Test
  void zero123ComesBack() {
    CameraPose source = CameraPose.orbit(-2, -0.4, 1.9);
    CameraPose target = CameraPose.orbit(2, 1.2, 1.5);
    CameraPose back = Zero123Pose.between(source, target).from(source);
    assertArrayEquals(target.rotation(), back.rotation(), 1e-9);
    assertArrayEquals(target.translation(), back.translation(), 1e-9);
    Zero123Pose overThePole = new Zero123Pose(-2, 0, 0);
    assertThrows(IllegalArgumentException.class, () -> overThePole.from(source));
  }

  @Test
  void blenderCameraOnXHasYUpAndZBack() {
    // Rows: right = +y, up = +z, backward = +x; the origin lies 2 in front, so at z = −2.
    double[] expected = {0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, -2};
    assertArrayEquals(expected, BlenderPose.fromCameraPose(CameraPose.orbit(0, 0, 2)), 1e-12);
    assertArrayEquals(new double[] {2, 0, 0}, BlenderPose.toCameraPose(expected).position(), 1e-12);
  }

  @Test
  void blenderComesBack() {
    CameraPose pose = CameraPose.lookAt(new double[] {1, -2, 0.3}, new double[] {0.2, 0, 0.1});
    CameraPose back = BlenderPose.toCameraPose(BlenderPose.fromCameraPose(pose));
    assertArrayEquals(pose.rotation(), back.rotation(), 1e-14);
    assertArrayEquals(pose.translation(), back.translation(), 1e-14);
  }

  @Test
  void mirroredBlenderMatrixIsRefused() {
    double[] mirrored = {-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    String message =
        assertThrows(IllegalArgumentException.class, () -> BlenderPose.toCameraPose(mirrored))
            .getMessage();
    assertEquals("rotation has determinant -1, expected 1", message);
    assertThrows(IllegalArgumentException.class, () -> BlenderPose.toCameraPose(new double[16]));
  }

  @Test
  void nerfstudioCameraStandsWhereItIsAndLooksAlongMinusZ() {
    CameraPose pose = CameraPose.orbit(0, 0, 2);
    double[] matrix = NerfstudioPose.fromCameraPose(pose);
    // On +x, looking at the origin: right is +y, up is +z, backward is +x.
    double[] expected = {0, 0, 1, 2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
    assertArrayEquals(expected, matrix, 1e-12);
  }

  @Test
  void nerfstudioComesBack() {
    CameraPose pose = CameraPose.orbit(2.3, -0.4, 1.6);
    CameraPose back = NerfstudioPose.toCameraPose(NerfstudioPose.fromCameraPose(pose));
    assertArrayEquals(pose.rotation(), back.rotation(), 1e-12);
    assertArrayEquals(pose.translation(), back.translation(), 1e-12);
  }

  @Test
  void wrongNerfstudioMatricesAreRefused() {
    double[] matrix = NerfstudioPose.fromCameraPose(CameraPose.orbit(1, 0, 2));
    matrix[14] = 1;
    String message =
        assertThrows(IllegalArgumentException.class, () -> NerfstudioPose.toCameraPose(matrix))
            .getMessage();
    assertEquals("4×4 matrix has 1.0 in column 2 of its last row, expected 0.0", message);
    matrix[14] = 0;
    matrix[3] = Double.NaN;
    assertThrows(IllegalArgumentException.class, () -> NerfstudioPose.toCameraPose(matrix));
  }

  @Test
  void ringOfFourStandsOnTheAxesOfTheSource() {
    List<CameraPose> ring = Orbit.ring(4).around(CameraPose.orbit(Math.PI / 2, 0, 2));
    assertEquals(4, ring.size());
    assertArrayEquals(new double[] {0, 2, 0}, ring.get(0).position(), 1e-9);
    assertArrayEquals(new double[] {-2, 0, 0}, ring.get(1).position(), 1e-9);
    assertArrayEquals(new double[] {0, -2, 0}, ring.get(2).position(), 1e-9);
    assertArrayEquals(new double[] {2, 0, 0}, ring.get(3).position(), 1e-9);
  }

  @Test
  void ringMayHaveItsOwnElevationAndRadius() {
    CameraPose source = CameraPose.orbit(0.3, 0.5, 2);
    for (CameraPose pose : Orbit.ring(3).withElevation(-0.2).withRadius(1.4).around(source)) {
      assertEquals(-0.2, pose.elevation(), 1e-9);
      assertEquals(1.4, pose.radius(), 1e-9);
    }
    for (CameraPose pose : Orbit.ring(3).around(source)) {
      assertEquals(0.5, pose.elevation(), 1e-9);
      assertEquals(2, pose.radius(), 1e-9);
    }
  }

  @Test
  void spiralClimbs() {
    List<CameraPose> spiral = Orbit.spiral(3, 0.75, -0.4, 0.4).around(CameraPose.orbit(0, 0, 1));
    assertEquals(-0.4, spiral.get(0).elevation(), 1e-9);
    assertEquals(0, spiral.get(1).elevation(), 1e-9);
    assertEquals(0.4, spiral.get(2).elevation(), 1e-9);
    assertEquals(Math.PI / 2, spiral.get(1).azimuth(), 1e-9);
    assertThrows(IllegalArgumentException.class, () -> Orbit.ring(0));
  }
}
