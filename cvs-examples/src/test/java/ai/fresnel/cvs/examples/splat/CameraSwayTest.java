package ai.fresnel.cvs.examples.splat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CameraSwayTest {
  private static List<CameraPose> arc(double from, double to) {
    List<CameraPose> cameras = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      cameras.add(CameraPose.orbit(from + (to - from) * i / 19, 0.1 + 0.2 * (i % 2), 2));
    }
    return cameras;
  }

  /** Angles wrap around at ±π, within this arc. */
  @Test
  void staysInsideOfAnArc() {
    for (CameraPose pose : CameraSway.among(arc(Math.PI - 0.5, Math.PI + 0.5), 12)) {
      double azimuth = Math.floorMod((long) Math.toDegrees(pose.azimuth()), 360L);
      assertTrue(Math.abs(azimuth - 180) < 29, azimuth + " degrees");
      assertTrue(pose.elevation() > 0.09 && pose.elevation() < 0.31);
      assertEquals(2, pose.radius(), 1e-9);
    }
  }

  @Test
  void goesAroundWhereCamerasDo() {
    List<CameraPose> path = CameraSway.among(arc(0, 2 * Math.PI * 19 / 20), 4);
    assertEquals(0, path.get(0).azimuth(), 1e-9);
    assertEquals(Math.PI / 2, path.get(1).azimuth(), 1e-9);
  }

  @Test
  void oneCameraIsThePath() {
    CameraPose only = CameraPose.orbit(1, 0.2, 2);
    for (CameraPose pose : CameraSway.among(List.of(only), 3)) {
      assertEquals(1, pose.azimuth(), 1e-9);
      assertEquals(0.2, pose.elevation(), 1e-9);
    }
  }
}
