package ai.fresnel.cvs.splat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SphericalHarmonicsTest {

  /** The harmonics are orthonormal on the sphere: integrals of products are 0 or 1. */
  @Test
  void theyAreOrthonormal() {
    double[][] integral = new double[16][16];
    double[] basis = new double[16];
    int rings = 400;
    int points = 16;
    for (int ring = 0; ring < rings; ring++) {
      double z = -1 + (2 * ring + 1.0) / rings;
      for (int point = 0; point < points; point++) {
        double angle = 2 * Math.PI * point / points;
        double radius = Math.sqrt(1 - z * z);
        SphericalHarmonics.evaluate(
            3, radius * Math.cos(angle), radius * Math.sin(angle), z, basis);
        for (int i = 0; i < 16; i++) {
          for (int j = 0; j < 16; j++) {
            integral[i][j] += basis[i] * basis[j] * 4 * Math.PI / (rings * points);
          }
        }
      }
    }
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 16; j++) {
        assertEquals(i == j ? 1 : 0, integral[i][j], 1e-4, i + ", " + j);
      }
    }
  }

  @Test
  void derivativesAreThoseOfFiniteDifferences() {
    double[] at = {0.36, -0.48, 0.8};
    double[] slopes = new double[48];
    SphericalHarmonics.differentiate(3, at[0], at[1], at[2], slopes);
    double step = 1e-6;
    for (int axis = 0; axis < 3; axis++) {
      double[] more = at.clone();
      double[] less = at.clone();
      more[axis] += step;
      less[axis] -= step;
      double[] above = new double[16];
      double[] below = new double[16];
      SphericalHarmonics.evaluate(3, more[0], more[1], more[2], above);
      SphericalHarmonics.evaluate(3, less[0], less[1], less[2], below);
      for (int i = 0; i < 16; i++) {
        double expected = (above[i] - below[i]) / (2 * step);
        assertEquals(expected, slopes[3 * i + axis], 1e-8, "harmonic " + i + ", axis " + axis);
      }
    }
  }
}
