package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.Locale;
import java.util.Objects;

/**
 * A scene or an object as 3D Gaussians: the result of an optimisation, the content of a splat file,
 * the input of {@link SplatRenderer}. Immutable, of finite values only.
 */
public final class GaussianCloud {

  /** The largest log scale: beyond it e^2x, a variance, would soon leave the range of float. */
  public static final float MAX_LOG_SCALE = 40;

  /** The largest magnitude of positions and coefficients: their products stay finite in float. */
  public static final float MAX_MAGNITUDE = 1e12f;

  private final GaussianArrays arrays;

  private GaussianCloud(GaussianArrays arrays) {
    this.arrays = arrays;
  }

  /**
   * Makes a cloud.
   *
   * @param arrays the parameters, which are copied; log scales up to 40, positions and coefficients
   *     up to 1e12
   * @return the cloud
   * @throws IllegalArgumentException naming the value, and the Gaussian it belongs to, that is not
   *     finite or out of its range, or the quaternion of length 0
   */
  public static GaussianCloud of(GaussianArrays arrays) {
    GaussianArrays copy = Objects.requireNonNull(arrays, "arrays is null").copy();
    int count = copy.size();
    require(copy.means(), "mean", count, -MAX_MAGNITUDE, MAX_MAGNITUDE);
    require(copy.rotations(), "quaternion", count, -MAX_MAGNITUDE, MAX_MAGNITUDE);
    require(copy.logScales(), "log scale", count, -Float.MAX_VALUE, MAX_LOG_SCALE);
    require(copy.opacityLogits(), "opacity logit", count, -Float.MAX_VALUE, Float.MAX_VALUE);
    require(copy.sh(), "spherical harmonic", count, -MAX_MAGNITUDE, MAX_MAGNITUDE);
    float[] q = copy.rotations();
    for (int i = 0; i < 4 * count; i += 4) {
      if (q[i] == 0 && q[i + 1] == 0 && q[i + 2] == 0 && q[i + 3] == 0) {
        throw new IllegalArgumentException(
            "quaternion of Gaussian " + i / 4 + " is 0, expected a length above 0");
      }
    }
    return new GaussianCloud(copy);
  }

  private static void require(float[] values, String name, int count, float least, float most) {
    for (int i = 0; i < values.length; i++) {
      // Written so that NaN fails.
      if (!(values[i] >= least && values[i] <= most)) {
        int each = values.length / count;
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s %d of Gaussian %d is %s, expected a finite number from %s to %s",
                name,
                i % each,
                i / each,
                values[i],
                least,
                most));
      }
    }
  }

  /**
   * Returns the number of Gaussians.
   *
   * @return 0 or more
   */
  public int size() {
    return arrays.size();
  }

  /**
   * Returns the degree of the spherical harmonics.
   *
   * @return 0 to 3
   */
  public int shDegree() {
    return arrays.shDegree();
  }

  /**
   * Returns the parameters.
   *
   * @return a copy
   */
  public GaussianArrays arrays() {
    return arrays.copy();
  }

  /**
   * Draws an image on white. {@link SplatRenderer} has settings.
   *
   * @param pose the camera
   * @param intrinsics its lens and the size of the image
   * @return the image
   * @throws IllegalArgumentException as {@link SplatRenderer#render} does
   */
  public SplatImage render(CameraPose pose, Intrinsics intrinsics) {
    return SplatRenderer.onWhite().render(this, pose, intrinsics);
  }

  /** Returns the arrays themselves, which nobody may change. */
  GaussianArrays shared() {
    return arrays;
  }
}
