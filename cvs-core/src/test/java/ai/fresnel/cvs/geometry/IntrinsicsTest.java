package ai.fresnel.cvs.geometry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class IntrinsicsTest {

  @Test
  void ninetyDegreesPutTheEdgeAtDepth() {
    Intrinsics lens = Intrinsics.fromFieldOfView(Math.PI / 2, 64);
    assertEquals(32, lens.fx(), 1e-12);
    assertArrayEquals(new double[] {32, 32}, lens.project(new double[] {0, 0, 5}), 1e-12);
    assertArrayEquals(new double[] {64, 0}, lens.project(new double[] {3, -3, 3}), 1e-12);
  }

  @Test
  void zero123FillsWhatTheFramingSays() {
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 256);
    assertEquals(1.094, lens.normalisedFx(), 5e-4);
    assertEquals(1.094, lens.normalisedFy(), 5e-4);
    double left = lens.project(new double[] {-0.5, 0, 1.5})[0];
    double right = lens.project(new double[] {0.5, 0, 1.5})[0];
    assertEquals(0.73, (right - left) / 256, 5e-3);
  }

  @Test
  void bothFocalLengthsAreInWidths() {
    Intrinsics lens = new Intrinsics(100, 120, 100, 50, 200, 100);
    assertEquals(0.5, lens.normalisedFx());
    assertEquals(0.6, lens.normalisedFy());
  }

  @Test
  void impossibleLensesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Intrinsics(0, 1, 0, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Intrinsics(1, Double.NaN, 0, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Intrinsics(1, 1, Double.NaN, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Intrinsics(1, 1, 0, 0, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> Intrinsics.fromFieldOfView(49.13, 64));
    Intrinsics lens = Intrinsics.fromFieldOfView(1, 64);
    assertThrows(IllegalArgumentException.class, () -> lens.project(new double[] {0, 0, -1}));
  }
}
