package ai.fresnel.cvs.splat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FrustumCellsTest {
  private static final int SLICES = 30;
  private static final int SIDE = 40;
  private static final double FOCAL = 1.1;
  private static final double REACH = 0.75;

  /** Cells of a red ball of radius 0.3 around the origin. */
  private static FrustumCells ball(CameraPose source, float dense) {
    float[] density = new float[SLICES * SIDE * SIDE];
    float[] rgb = new float[3 * density.length];
    Arrays.fill(rgb, 0, density.length, 0.9f);
    for (int i = 0; i < density.length; i++) {
      int slice = i / (SIDE * SIDE);
      double z = source.radius() - REACH + (slice + 0.5) * 2 * REACH / SLICES;
      double x = z / FOCAL * ((i % SIDE + 0.5) / SIDE - 0.5);
      int row = i / SIDE % SIDE;
      double y = z / FOCAL * ((row + 0.5) / SIDE - 0.5);
      double away = z - source.radius();
      density[i] = x * x + y * y + away * away < 0.09 ? dense : 0;
    }
    return new FrustumCells(source, FOCAL, REACH, SLICES, SIDE, density, rgb);
  }

  /** From any camera, of whatever turn, the Gaussians are a disc of the ball's size and colour. */
  @Test
  void aBallIsOneFromEverywhere() {
    CameraPose[] sources = {
      CameraPose.orbit(0.4, 0.35, 1.7),
      CameraPose.orbit(-2.9, -0.9, 1.5),
      CameraPose.orbit(3.1, 1.2, 2),
      CameraPose.orbit(1.6, 0, 1.7)
    };
    Intrinsics lens = new Intrinsics(FOCAL * 64, FOCAL * 64, 32, 32, 64, 64);
    for (int i = 0; i < sources.length; i++) {
      GaussianArrays made = ball(sources[i], 100).gaussians(i == 0 ? 400 : 100_000, 1);
      assertTrue(made.size() < 5000, made.size() + " Gaussians, the inner ones too");
      assertTrue(i > 0 || made.size() == 400);
      GaussianCloud cloud = GaussianCloud.of(made);
      for (CameraPose camera : sources) {
        SplatImage image = SplatRenderer.onWhite().render(cloud, camera, lens);
        double covered = 0;
        for (float alpha : image.alpha()) {
          covered += alpha;
        }
        double radius = 64 * FOCAL * 0.3 / Math.sqrt(camera.radius() * camera.radius() - 0.09);
        // Half a cell wider all around at most.
        assertEquals(1.1, Math.sqrt(covered / Math.PI) / radius, 0.12);
        int middle = 32 * 64 + 32;
        assertTrue(image.alpha()[middle] > 0.97, "alpha " + image.alpha()[middle]);
        assertEquals(0.9, image.rgb()[3 * middle], 0.03);
        assertTrue(image.rgb()[3 * middle + 1] < 0.05);
      }
    }
  }

  /** Thin matter stays as thin as it is. */
  @Test
  void opticalDepthIsKept() {
    CameraPose source = CameraPose.orbit(0.4, 0.35, 1.7);
    GaussianArrays thin = ball(source, 1).gaussians(100_000, 0);
    Intrinsics lens = new Intrinsics(FOCAL * 64, FOCAL * 64, 32, 32, 64, 64);
    SplatImage image = SplatRenderer.onWhite().render(GaussianCloud.of(thin), source, lens);
    assertEquals(1 - Math.exp(-0.6), image.alpha()[32 * 64 + 32], 0.06);
  }

  @Test
  void theBudgetIsKept() {
    CameraPose source = CameraPose.orbit(0.4, 0.35, 1.7);
    assertEquals(100, ball(source, 100).gaussians(100, 0).size());
    float[] none = new float[2 * 2 * 2];
    FrustumCells empty = new FrustumCells(source, 1, 0.5, 2, 2, none, new float[24]);
    GaussianArrays made = empty.gaussians(10, 0);
    assertEquals(1, made.size());
    assertEquals(1, GaussianCloud.of(made).size());
  }

  @Test
  void wrongLengthsAreRefused() {
    CameraPose source = CameraPose.orbit(0.4, 0.35, 1.7);
    assertThrows(
        IllegalArgumentException.class,
        () -> new FrustumCells(source, 1, 0.5, 2, 2, new float[8], new float[8]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new FrustumCells(source, 1, 1.8, 2, 2, new float[8], new float[24]));
  }
}
