package ai.fresnel.cvs.splat;

/**
 * Real spherical harmonics up to degree 3, in the order and with the signs of the published
 * implementation of 3D Gaussian splatting, which all splat files share.
 *
 * <p>Harmonics of degree l are at l² to (l + 1)² - 1, by order m from -l to l.
 */
public final class SphericalHarmonics {

  /** The constant harmonic, 1 / (2·√π): a coefficient times this is a colour less 0.5. */
  public static final double C0 = 0.28209479177387814;

  private static final double C1 = 0.4886025119029199;
  private static final double C2_XY = 1.0925484305920792;
  private static final double C2_ZZ = 0.31539156525252005;
  private static final double C2_XX = 0.5462742152960396;
  private static final double C3_3 = 0.5900435899266435;
  private static final double C3_2 = 2.890611442640554;
  private static final double C3_1 = 0.4570457994644658;
  private static final double C3_0 = 0.3731763325901154;
  private static final double C3_XX = 1.445305721320277;

  private SphericalHarmonics() {}

  /**
   * Evaluates the harmonics in one direction.
   *
   * @param degree 0 to 3
   * @param x the direction, of length 1, from the camera to the Gaussian, in world axes
   * @param y likewise
   * @param z likewise
   * @param basis receives (degree + 1)² values
   */
  public static void evaluate(int degree, double x, double y, double z, double[] basis) {
    basis[0] = C0;
    if (degree < 1) {
      return;
    }
    basis[1] = -C1 * y;
    basis[2] = C1 * z;
    basis[3] = -C1 * x;
    if (degree < 2) {
      return;
    }
    double xx = x * x;
    double yy = y * y;
    double zz = z * z;
    basis[4] = C2_XY * x * y;
    basis[5] = -C2_XY * y * z;
    basis[6] = C2_ZZ * (2 * zz - xx - yy);
    basis[7] = -C2_XY * x * z;
    basis[8] = C2_XX * (xx - yy);
    if (degree < 3) {
      return;
    }
    basis[9] = -C3_3 * y * (3 * xx - yy);
    basis[10] = C3_2 * x * y * z;
    basis[11] = -C3_1 * y * (4 * zz - xx - yy);
    basis[12] = C3_0 * z * (2 * zz - 3 * xx - 3 * yy);
    basis[13] = -C3_1 * x * (4 * zz - xx - yy);
    basis[14] = C3_XX * z * (xx - yy);
    basis[15] = -C3_3 * x * (xx - 3 * yy);
  }

  /**
   * Evaluates the derivatives of the harmonics with respect to the direction, each of its three
   * numbers on its own.
   *
   * @param degree 0 to 3
   * @param x as in {@link #evaluate}
   * @param y likewise
   * @param z likewise
   * @param slopes receives 3·(degree + 1)² values: the derivatives by x, y and z of each harmonic
   */
  public static void differentiate(int degree, double x, double y, double z, double[] slopes) {
    set(slopes, 0, 0, 0, 0);
    if (degree < 1) {
      return;
    }
    set(slopes, 1, 0, -C1, 0);
    set(slopes, 2, 0, 0, C1);
    set(slopes, 3, -C1, 0, 0);
    if (degree < 2) {
      return;
    }
    set(slopes, 4, C2_XY * y, C2_XY * x, 0);
    set(slopes, 5, 0, -C2_XY * z, -C2_XY * y);
    set(slopes, 6, -2 * C2_ZZ * x, -2 * C2_ZZ * y, 4 * C2_ZZ * z);
    set(slopes, 7, -C2_XY * z, 0, -C2_XY * x);
    set(slopes, 8, 2 * C2_XX * x, -2 * C2_XX * y, 0);
    if (degree < 3) {
      return;
    }
    double xx = x * x;
    double yy = y * y;
    double zz = z * z;
    set(slopes, 9, -6 * C3_3 * x * y, -3 * C3_3 * (xx - yy), 0);
    set(slopes, 10, C3_2 * y * z, C3_2 * x * z, C3_2 * x * y);
    set(slopes, 11, 2 * C3_1 * x * y, -C3_1 * (4 * zz - xx - 3 * yy), -8 * C3_1 * y * z);
    set(slopes, 12, -6 * C3_0 * x * z, -6 * C3_0 * y * z, C3_0 * (6 * zz - 3 * xx - 3 * yy));
    set(slopes, 13, -C3_1 * (4 * zz - 3 * xx - yy), 2 * C3_1 * x * y, -8 * C3_1 * x * z);
    set(slopes, 14, 2 * C3_XX * x * z, -2 * C3_XX * y * z, C3_XX * (xx - yy));
    set(slopes, 15, -3 * C3_3 * (xx - yy), 6 * C3_3 * x * y, 0);
  }

  private static void set(double[] slopes, int harmonic, double byX, double byY, double byZ) {
    slopes[3 * harmonic] = byX;
    slopes[3 * harmonic + 1] = byY;
    slopes[3 * harmonic + 2] = byZ;
  }
}
