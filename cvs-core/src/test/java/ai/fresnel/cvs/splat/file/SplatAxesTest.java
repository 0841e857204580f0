package ai.fresnel.cvs.splat.file;

import static ai.fresnel.cvs.splat.file.Clouds.assertWithin;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.SphericalHarmonics;
import org.junit.jupiter.api.Test;

class SplatAxesTest {

  @Test
  void upIsWhereTheAxesSay() {
    GaussianArrays arrays = Clouds.random(3, 0, 1).arrays();
    System.arraycopy(new float[] {1, 0, 0, 0, 2, 0, 0, 0, 3}, 0, arrays.means(), 0, 9);
    GaussianCloud cloud = GaussianCloud.of(arrays);
    assertArrayEquals(
        new float[] {1, 0, 0, 0, 0, -2, 0, 3, 0}, SplatAxes.Y_UP.fromWorld(cloud).arrays().means());
    assertArrayEquals(
        new float[] {1, 0, 0, 0, 0, 2, 0, -3, 0},
        SplatAxes.Y_DOWN.fromWorld(cloud).arrays().means());
    assertSame(cloud, SplatAxes.Z_UP.fromWorld(cloud));
    assertSame(cloud, SplatAxes.Z_UP.toWorld(cloud));
  }

  @Test
  void turningBackGivesTheCloudBack() {
    GaussianCloud cloud = Clouds.random(200, 3, 2);
    for (SplatAxes axes : SplatAxes.values()) {
      GaussianArrays back = axes.toWorld(axes.fromWorld(cloud)).arrays();
      GaussianArrays expected = cloud.arrays();
      assertArrayEquals(expected.means(), back.means());
      assertArrayEquals(expected.logScales(), back.logScales());
      assertArrayEquals(expected.opacityLogits(), back.opacityLogits());
      assertWithin(4e-7, expected.rotations(), back.rotations(), "rotation");
      assertWithin(4e-7, expected.sh(), back.sh(), "harmonic");
      assertArrayEquals(Clouds.harmonics(expected, 0, 3), Clouds.harmonics(back, 0, 3));
    }
  }

  /** Whoever turns with the cloud sees the same ellipsoids in the same colours. */
  @Test
  void covariancesAndColoursTurnWithTheCloud() {
    GaussianCloud cloud = Clouds.random(20, 3, 3);
    // Also about no axis in particular.
    double[] q = {0.8, -0.2, 0.4, 0.4};
    GaussianArrays before = cloud.arrays();
    assertTurned(
        before, SplatAxes.Y_UP.fromWorld(cloud).arrays(), Math.sqrt(0.5), -Math.sqrt(0.5), 0, 0);
    assertTurned(
        before, SplatAxes.Y_DOWN.fromWorld(cloud).arrays(), Math.sqrt(0.5), Math.sqrt(0.5), 0, 0);
    assertTurned(
        before,
        new CloudRotation(q[0], q[1], q[2], q[3]).apply(cloud).arrays(),
        q[0],
        q[1],
        q[2],
        q[3]);
  }

  private static void assertTurned(GaussianArrays before, GaussianArrays after, double... q) {
    double[] r = matrix(q);
    double[] basis = new double[16];
    double[] turnedBasis = new double[16];
    for (int i = 0; i < before.size(); i++) {
      double[] mean = times(r, before.means(), 3 * i);
      double[] direction = new double[3];
      double length = 0;
      for (int c = 0; c < 3; c++) {
        assertEquals(mean[c], after.means()[3 * i + c], 1e-6);
        direction[c] = Math.sin(3 * i + c);
        length += direction[c] * direction[c];
      }
      for (int c = 0; c < 3; c++) {
        direction[c] /= Math.sqrt(length);
      }
      double[] one = covariance(before, i);
      double[] other = covariance(after, i);
      double[] expected = product(product(r, one), transposed(r));
      assertArrayEquals(expected, other, 1e-6);
      double[] d = direction;
      double[] t = {
        r[0] * d[0] + r[1] * d[1] + r[2] * d[2],
        r[3] * d[0] + r[4] * d[1] + r[5] * d[2],
        r[6] * d[0] + r[7] * d[1] + r[8] * d[2]
      };
      SphericalHarmonics.evaluate(3, d[0], d[1], d[2], basis);
      SphericalHarmonics.evaluate(3, t[0], t[1], t[2], turnedBasis);
      for (int c = 0; c < 3; c++) {
        double colour = 0;
        double turned = 0;
        for (int k = 0; k < 16; k++) {
          colour += basis[k] * before.sh()[48 * i + 3 * k + c];
          turned += turnedBasis[k] * after.sh()[48 * i + 3 * k + c];
        }
        assertEquals(colour, turned, 2e-6, "colour " + c + " of Gaussian " + i);
      }
    }
  }

  private static double[] covariance(GaussianArrays arrays, int i) {
    double[] r = matrix(Quaternions.unit(arrays.rotations(), 4 * i));
    double[] scaled = r.clone();
    for (int k = 0; k < 9; k++) {
      scaled[k] *= Math.exp(2 * arrays.logScales()[3 * i + k % 3]);
    }
    return product(scaled, transposed(r));
  }

  private static double[] matrix(double[] q) {
    double w = q[0];
    double x = q[1];
    double y = q[2];
    double z = q[3];
    return new double[] {
      w * w + x * x - y * y - z * z,
      2 * (x * y - w * z),
      2 * (x * z + w * y),
      2 * (x * y + w * z),
      w * w - x * x + y * y - z * z,
      2 * (y * z - w * x),
      2 * (x * z - w * y),
      2 * (y * z + w * x),
      w * w - x * x - y * y + z * z
    };
  }

  private static double[] times(double[] r, float[] v, int at) {
    return new double[] {
      r[0] * v[at] + r[1] * v[at + 1] + r[2] * v[at + 2],
      r[3] * v[at] + r[4] * v[at + 1] + r[5] * v[at + 2],
      r[6] * v[at] + r[7] * v[at + 1] + r[8] * v[at + 2]
    };
  }

  private static double[] product(double[] a, double[] b) {
    double[] product = new double[9];
    for (int k = 0; k < 27; k++) {
      product[k / 3] += a[k / 9 * 3 + k % 3] * b[k % 3 * 3 + k / 3 % 3];
    }
    return product;
  }

  private static double[] transposed(double[] a) {
    return new double[] {a[0], a[3], a[6], a[1], a[4], a[7], a[2], a[5], a[8]};
  }
}
