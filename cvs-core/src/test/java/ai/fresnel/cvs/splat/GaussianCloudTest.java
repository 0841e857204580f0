package ai.fresnel.cvs.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class GaussianCloudTest {

  private static GaussianArrays valid(int count, int degree) {
    GaussianArrays arrays = GaussianArrays.zeros(count, degree);
    for (int i = 0; i < count; i++) {
      arrays.rotations()[4 * i] = 1;
    }
    return arrays;
  }

  @Test
  void theCloudSharesNoArray() {
    GaussianArrays arrays = valid(2, 1);
    GaussianCloud cloud = GaussianCloud.of(arrays);
    arrays.means()[4] = 7;
    cloud.arrays().means()[4] = 8;
    assertArrayEquals(new float[6], cloud.arrays().means());
    assertEquals(2, cloud.size());
    assertEquals(1, cloud.shDegree());
  }

  @Test
  void emptyCloudsAreClouds() {
    GaussianCloud cloud = GaussianCloud.of(GaussianArrays.zeros(0, 3));
    assertEquals(0, cloud.size());
    assertEquals(0, cloud.shDegree());
  }

  @Test
  void wrongLengthsAreNamed() {
    assertMessage(
        "logScales has 5 values, expected 6",
        () ->
            new GaussianArrays(
                new float[6], new float[8], new float[5], new float[2], new float[6]));
    assertMessage(
        "sh has 7 values, expected 3, 12, 27 or 48 for each of 2 Gaussians",
        () ->
            new GaussianArrays(
                new float[6], new float[8], new float[6], new float[2], new float[7]));
    assertMessage(
        "degree of spherical harmonics is 4, expected 0 to 3", () -> GaussianArrays.zeros(1, 4));
    assertMessage(
        "600000000 Gaussians of degree 0, expected 0 or more that fit an array",
        () -> GaussianArrays.zeros(600_000_000, 0));
  }

  @Test
  void wrongValuesAreNamed() {
    GaussianArrays notANumber = valid(2, 1);
    notANumber.sh()[12 + 5] = Float.NaN;
    assertMessage(
        "spherical harmonic 5 of Gaussian 1 is NaN, expected a finite number from -1.0E12 to"
            + " 1.0E12",
        () -> GaussianCloud.of(notANumber));
    GaussianArrays huge = valid(2, 0);
    huge.logScales()[4] = 41;
    assertMessage(
        "log scale 1 of Gaussian 1 is 41.0, expected a finite number from -3.4028235E38 to 40.0",
        () -> GaussianCloud.of(huge));
    GaussianArrays turnless = valid(2, 0);
    turnless.rotations()[4] = 0;
    assertMessage(
        "quaternion of Gaussian 1 is 0, expected a length above 0",
        () -> GaussianCloud.of(turnless));
  }

  private static void assertMessage(
      String expected, org.junit.jupiter.api.function.Executable call) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
