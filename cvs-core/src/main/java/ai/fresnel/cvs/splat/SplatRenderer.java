package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.Objects;

/**
 * Draws images of Gaussians on the processor. Immutable; may be used by several threads at once.
 *
 * <pre>{@code
 * SplatImage image = SplatRenderer.onWhite().render(cloud, pose, intrinsics);
 * }</pre>
 *
 * <p>The image is that of gsplat (Ye et al., "gsplat: An Open-Source Library for Gaussian
 * Splatting", 2024): ellipses of the projection's Jacobian, taken inside the frustum widened by 0.3
 * of its half, with 0.3 pixels² of low-pass filter; alpha at most 0.99 and left out below 1/255;
 * Gaussians front to back by the depth of their means, until less than 1e-4 of the light would be
 * left; nothing nearer than 0.01 world units. Arithmetic is float64, images and parameters float32.
 * An image does not depend on the number of threads, bit for bit.
 */
public final class SplatRenderer {
  private final double[] background;
  private final int maxShDegree;
  private final int threads;

  private SplatRenderer(double[] background, int maxShDegree, int threads) {
    this.background = background;
    this.maxShDegree = maxShDegree;
    this.threads = threads;
  }

  /**
   * Makes a renderer on a black background, with all harmonics and all processors.
   *
   * @return the renderer
   */
  public static SplatRenderer onBlack() {
    return new SplatRenderer(
        new double[3], GaussianArrays.MAX_SH_DEGREE, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Makes a renderer on a white background, with all harmonics and all processors.
   *
   * @return the renderer
   */
  public static SplatRenderer onWhite() {
    return onBlack().withBackground(1, 1, 1);
  }

  /**
   * Sets the background.
   *
   * @param red usually 0 to 1, in the space of the Gaussians' colours; finite
   * @param green likewise
   * @param blue likewise
   * @return a new renderer
   * @throws IllegalArgumentException if a value is not finite
   */
  public SplatRenderer withBackground(double red, double green, double blue) {
    if (!Double.isFinite(red + green + blue)) {
      throw new IllegalArgumentException(
          "background is (" + red + ", " + green + ", " + blue + "), expected finite numbers");
    }
    return new SplatRenderer(new double[] {red, green, blue}, maxShDegree, threads);
  }

  /**
   * Leaves out harmonics of high degrees.
   *
   * @param degree the highest that is used, 0 to 3
   * @return a new renderer
   * @throws IllegalArgumentException if the degree is out of its range
   */
  public SplatRenderer withMaxShDegree(int degree) {
    GaussianArrays.harmonics(degree);
    return new SplatRenderer(background, degree, threads);
  }

  /**
   * Sets the number of threads.
   *
   * @param count the most threads at a time, at least 1
   * @return a new renderer
   * @throws IllegalArgumentException if the number is below 1
   */
  public SplatRenderer withThreads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(count + " threads, expected at least 1");
    }
    return new SplatRenderer(background, maxShDegree, count);
  }

  /**
   * Draws an image.
   *
   * @param cloud the Gaussians
   * @param pose the camera
   * @param intrinsics its lens and the size of the image
   * @return the image
   * @throws IllegalArgumentException if the Gaussians cover more than 100 million tiles of 16×16
   *     pixels together
   */
  public SplatImage render(GaussianCloud cloud, CameraPose pose, Intrinsics intrinsics) {
    Objects.requireNonNull(cloud, "cloud is null");
    return trace(cloud.shared(), pose, intrinsics).image();
  }

  /**
   * Draws an image and keeps what its gradient needs.
   *
   * @param gaussians the Gaussians, which are not checked; those that are not finite are left out
   * @param pose the camera
   * @param intrinsics its lens and the size of the image
   * @return the image and its history
   * @throws IllegalArgumentException as {@link #render} does
   */
  public SplatFrame trace(GaussianArrays gaussians, CameraPose pose, Intrinsics intrinsics) {
    Objects.requireNonNull(gaussians, "gaussians is null");
    Objects.requireNonNull(pose, "pose is null");
    Objects.requireNonNull(intrinsics, "intrinsics is null");
    return new SplatFrame(gaussians, pose, intrinsics, this);
  }

  double[] background() {
    return background;
  }

  int maxShDegree() {
    return maxShDegree;
  }

  int threads() {
    return threads;
  }
}
