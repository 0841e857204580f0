package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.Arrays;
import java.util.Objects;

/**
 * An image of Gaussians together with how it was made, from which gradients follow. Do not change
 * the Gaussians' arrays before the gradient is taken.
 */
public final class SplatFrame {
  private final GaussianArrays gaussians;
  private final CameraPose pose;
  private final Intrinsics intrinsics;
  private final int degree;
  private final int threads;
  private final double[] background;
  private final ProjectedGaussians projected;
  private final TileLists lists;
  private final SplatImage image;

  /** (H, W), what all Gaussians of a pixel let through. */
  final double[] transmittance;

  /** (H, W), one after the slot of the last Gaussian of a pixel; 0 if there is none. */
  final int[] end;

  SplatFrame(
      GaussianArrays gaussians, CameraPose pose, Intrinsics intrinsics, SplatRenderer settings) {
    this.gaussians = gaussians;
    this.pose = pose;
    this.intrinsics = intrinsics;
    degree = Math.min(settings.maxShDegree(), gaussians.shDegree());
    threads = settings.threads();
    background = settings.background();
    projected =
        ProjectedGaussians.of(
            gaussians.size(), this::projector, intrinsics.width(), intrinsics.height(), threads);
    lists = new TileLists(projected, intrinsics.width(), intrinsics.height());
    image = SplatImage.zeros(intrinsics.width(), intrinsics.height());
    transmittance = new double[image.alpha().length];
    end = new int[image.alpha().length];
    ParallelLoop.run(
        threads,
        lists.columns * lists.rows,
        tile -> TileRenderer.draw(projected, lists, tile, this));
  }

  private Projector projector() {
    return new Projector(gaussians, degree, pose, intrinsics);
  }

  /**
   * Returns the image.
   *
   * @return the frame's own, not a copy
   */
  public SplatImage image() {
    return image;
  }

  /**
   * Returns whether a Gaussian's ellipse touches a tile of the image.
   *
   * @param i the Gaussian, from 0
   * @return whether it does; it may still be hidden behind others
   */
  public boolean isVisible(int i) {
    return projected.isVisible(i);
  }

  /**
   * Returns the larger radius of a visible Gaussian's ellipse, three standard deviations.
   *
   * @param i the Gaussian, from 0
   * @return pixels; 0 if it is not visible
   */
  public double radius(int i) {
    if (!isVisible(i)) {
      return 0;
    }
    int at = ProjectedGaussians.STRIDE * i;
    double a = projected.values[at + ProjectedGaussians.A];
    double b = projected.values[at + ProjectedGaussians.B];
    double c = projected.values[at + ProjectedGaussians.C];
    // The smaller eigenvalue of the conic is the inverse of the larger variance.
    double least = 0.5 * (a + c) - Math.sqrt(0.25 * (a - c) * (a - c) + b * b);
    return 3 / Math.sqrt(least);
  }

  /**
   * Finds the gradient of a number that depends on the image.
   *
   * @param pixels the derivatives of the number by the image's values
   * @return its derivatives by the Gaussians and the camera. They do not depend on the number of
   *     threads, bit for bit
   * @throws IllegalArgumentException if the sizes differ
   */
  public SplatGradient gradient(SplatImage pixels) {
    Objects.requireNonNull(pixels, "pixels is null");
    if (pixels.width() != image.width() || pixels.height() != image.height()) {
      throw new IllegalArgumentException(
          String.format(
              "gradient of %d×%d pixels for an image of %d×%d pixels",
              pixels.width(), pixels.height(), image.width(), image.height()));
    }
    double[] bySlot = new double[Math.multiplyExact(TileGradient.STRIDE, lists.slots.length)];
    ParallelLoop.run(
        threads,
        lists.columns * lists.rows,
        tile -> TileGradient.of(projected, lists, tile, this, pixels, bySlot));
    return gather(bySlot);
  }

  /** Sums the slots of each Gaussian, always in the same order, and goes on to its parameters. */
  private SplatGradient gather(double[] bySlot) {
    int count = gaussians.size();
    GaussianArrays gradients = GaussianArrays.zeros(count, gaussians.shDegree());
    float[] screen = new float[2 * count];
    ProjectionGradient[] parts = new ProjectionGradient[ProjectedGaussians.chunks(count)];
    ParallelLoop.run(
        threads,
        parts.length,
        chunk -> {
          ProjectionGradient part = new ProjectionGradient(projector(), gradients);
          parts[chunk] = part;
          double[] sum = new double[TileGradient.STRIDE];
          int last = Math.min(count, (chunk + 1) * ProjectedGaussians.CHUNK);
          for (int i = chunk * ProjectedGaussians.CHUNK; i < last; i++) {
            if (isVisible(i)) {
              sumSlots(i, bySlot, sum);
              screen[2 * i] = (float) sum[0];
              screen[2 * i + 1] = (float) sum[1];
              part.add(i, sum);
            }
          }
        });
    CameraGradient camera = new CameraGradient(new double[9], new double[3]);
    for (ProjectionGradient part : parts) {
      for (int k = 0; k < 9; k++) {
        camera.rotation()[k] += part.byRotation[k];
      }
      for (int k = 0; k < 3; k++) {
        camera.translation()[k] += part.byTranslation[k];
      }
    }
    return new SplatGradient(gradients, screen, camera);
  }

  private void sumSlots(int i, double[] bySlot, double[] sum) {
    Arrays.fill(sum, 0);
    for (int entry = lists.firstEntry[i]; entry < lists.firstEntry[i + 1]; entry++) {
      int from = TileGradient.STRIDE * lists.slots[entry];
      for (int k = 0; k < TileGradient.STRIDE; k++) {
        sum[k] += bySlot[from + k];
      }
    }
  }

  int width() {
    return image.width();
  }

  int height() {
    return image.height();
  }

  double[] background() {
    return background;
  }
}
