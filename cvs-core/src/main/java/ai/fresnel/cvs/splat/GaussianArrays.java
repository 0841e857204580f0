package ai.fresnel.cvs.splat;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One number for every parameter of N Gaussians, as a structure of arrays: the parameters
 * themselves, their gradients, or an optimiser's moments. A mutable holder that shares its arrays;
 * {@link GaussianCloud} is the checked, immutable form.
 *
 * <p>Gaussian i has the covariance R·S·S·Rᵀ, where R is the rotation of its quaternion and S the
 * diagonal of its scales (Kerbl et al., "3D Gaussian Splatting for Real-Time Radiance Field
 * Rendering", 2023, equation 6). K = (degree + 1)² is the number of spherical harmonics.
 *
 * @param means (N, 3), positions in world units
 * @param rotations (N, 4), quaternions w x y z of any length above 0
 * @param logScales (N, 3), natural logarithms of the standard deviations along the Gaussian's axes
 * @param opacityLogits (N), the opacity is 1 / (1 + e^-logit)
 * @param sh (N, K, 3), coefficients of red, green and blue for each harmonic, in the order and with
 *     the signs of {@link SphericalHarmonics}; colour is 0.5 + their sum, cut off at 0
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
public record GaussianArrays(
    float[] means, float[] rotations, float[] logScales, float[] opacityLogits, float[] sh) {

  /** The highest degree of spherical harmonics. */
  public static final int MAX_SH_DEGREE = 3;

  /**
   * Checks that the lengths agree.
   *
   * @param means as above
   * @param rotations as above
   * @param logScales as above
   * @param opacityLogits as above
   * @param sh as above
   * @throws IllegalArgumentException naming the array whose length is wrong
   */
  public GaussianArrays {
    Objects.requireNonNull(opacityLogits, "opacityLogits is null");
    long count = opacityLogits.length;
    requireLength(means, "means", 3 * count);
    requireLength(rotations, "rotations", 4 * count);
    requireLength(logScales, "logScales", 3 * count);
    Objects.requireNonNull(sh, "sh is null");
    degreeOf(sh.length, count);
  }

  /**
   * Makes arrays full of zeros.
   *
   * @param count N, 0 or more
   * @param shDegree 0 to 3
   * @return the arrays
   * @throws IllegalArgumentException if a value is out of its range or an array would be longer
   *     than Java allows
   */
  public static GaussianArrays zeros(int count, int shDegree) {
    int harmonics = harmonics(shDegree);
    if (count < 0 || 3L * harmonics * count > Integer.MAX_VALUE - 8 || 4L * count > 1L << 31) {
      throw new IllegalArgumentException(
          count + " Gaussians of degree " + shDegree + ", expected 0 or more that fit an array");
    }
    return new GaussianArrays(
        new float[3 * count],
        new float[4 * count],
        new float[3 * count],
        new float[count],
        new float[3 * harmonics * count]);
  }

  /**
   * Returns the number of spherical harmonics up to a degree.
   *
   * @param shDegree 0 to 3
   * @return K = (degree + 1)²
   * @throws IllegalArgumentException if the degree is out of its range
   */
  public static int harmonics(int shDegree) {
    if (shDegree < 0 || shDegree > MAX_SH_DEGREE) {
      throw new IllegalArgumentException(
          "degree of spherical harmonics is " + shDegree + ", expected 0 to " + MAX_SH_DEGREE);
    }
    return (shDegree + 1) * (shDegree + 1);
  }

  /**
   * Returns the number of Gaussians.
   *
   * @return N
   */
  public int size() {
    return opacityLogits.length;
  }

  /**
   * Returns the degree of the spherical harmonics.
   *
   * @return 0 to 3; 0 if there are no Gaussians
   */
  public int shDegree() {
    return degreeOf(sh.length, size());
  }

  /**
   * Copies the arrays.
   *
   * @return arrays of equal values that share nothing with these
   */
  public GaussianArrays copy() {
    return new GaussianArrays(
        means.clone(), rotations.clone(), logScales.clone(), opacityLogits.clone(), sh.clone());
  }

  /** Sets every value to 0. */
  public void clear() {
    for (float[] group : groups()) {
      Arrays.fill(group, 0);
    }
  }

  /**
   * Returns the arrays in the order of the record: means, rotations, log scales, opacity logits,
   * spherical harmonics.
   *
   * @return the five arrays themselves
   */
  public List<float[]> groups() {
    return List.of(means, rotations, logScales, opacityLogits, sh);
  }

  private static void requireLength(float[] values, String name, long expected) {
    Objects.requireNonNull(values, name + " is null");
    if (values.length != expected) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " values, expected " + expected);
    }
  }

  private static int degreeOf(int length, long count) {
    for (int degree = 0; degree <= MAX_SH_DEGREE; degree++) {
      if (length == 3L * harmonics(degree) * count) {
        return degree;
      }
    }
    throw new IllegalArgumentException(
        "sh has "
            + length
            + " values, expected 3, 12, 27 or 48 for each of "
            + count
            + " Gaussians");
  }
}
