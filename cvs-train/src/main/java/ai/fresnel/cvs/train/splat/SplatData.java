package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.train.capture.CaptureConverter;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The views of one object or scene: those that Gaussians are made of, and every eighth, which is
 * held out.
 *
 * @param training the views to learn
 * @param heldOut the others, the first of the object and every eighth after it
 * @param start where Gaussians may begin
 */
public record SplatData(List<SplatView> training, List<SplatView> heldOut, Start start) {

  /** One view of so many is held out, as in the literature. */
  public static final int HOLD_OUT_EVERY = 8;

  /** With fewer views none is held out. */
  private static final int LEAST_VIEWS = 4;

  /** Points beyond this distance from the object, in its lengths, are no part of its scene. */
  private static final double FAR = 50;

  /** Where Gaussians may begin. */
  public interface Start {

    /**
     * Makes the first Gaussians.
     *
     * @param settings the budget, the degree of the harmonics and the seed of random choices
     * @return 1 Gaussian or more
     */
    GaussianArrays gaussians(SplatSettings settings);
  }

  /** Chooses points. */
  private interface Points {
    InitialPoints choose(int most, long seed);
  }

  private static Start at(Points points) {
    return settings ->
        points.choose(settings.gaussians(), settings.seed()).gaussians(settings.shDegree());
  }

  /**
   * Copies the lists.
   *
   * @param training any
   * @param heldOut any
   * @param start any
   */
  public SplatData {
    training = List.copyOf(training);
    heldOut = List.copyOf(heldOut);
  }

  /**
   * Reads an object of a view set. Gaussians begin in its visual hull.
   *
   * @param object the object
   * @return its views
   * @throws IOException naming the file, if one cannot be read
   */
  public static SplatData of(ViewObject object) throws IOException {
    List<View> views = new ArrayList<>();
    for (int i = 0; i < object.size(); i++) {
      View view = object.read(i);
      views.add(object.readDepth(i).map(view::withDepth).orElse(view));
    }
    return ofObject(views);
  }

  /**
   * Takes views of an object in front of nothing. Gaussians begin in its visual hull.
   *
   * @param views of an object about one unit long around the origin, with alpha
   * @return the views
   */
  public static SplatData ofObject(List<View> views) {
    List<SplatView> all = views.stream().map(SplatView::of).toList();
    List<SplatView> training = training(all);
    List<View> seen = training.stream().map(SplatView::view).toList();
    return new SplatData(
        training, heldOut(all), at((most, seed) -> VisualHull.sample(seen, most, seed)));
  }

  /**
   * Takes a capture. With masks, Gaussians begin in the visual hull; otherwise at the points of its
   * reconstruction, or, where there are none, anywhere among the cameras.
   *
   * @param capture the converted views
   * @param reconstruction points in the world of the capture, as {@link ColmapPoints} reads them;
   *     none if there are no points
   * @return the views
   */
  public static SplatData of(
      CaptureConverter.Converted capture, List<InitialPoints> reconstruction) {
    if (capture.masked()) {
      return ofObject(capture.views());
    }
    List<SplatView> all = capture.views().stream().map(SplatView::ofScene).toList();
    if (reconstruction.isEmpty()) {
      double radius = capture.meta().maxRadius();
      return new SplatData(
          training(all), heldOut(all), at((most, seed) -> scattered(most, seed, radius)));
    }
    InitialPoints placed = placed(reconstruction.get(0), capture.placement());
    if (placed.size() == 0) {
      throw new IllegalArgumentException("no point of the reconstruction is near the cameras");
    }
    return new SplatData(training(all), heldOut(all), at(placed::sample));
  }

  private static List<SplatView> training(List<SplatView> all) {
    return split(all, false);
  }

  private static List<SplatView> heldOut(List<SplatView> all) {
    return split(all, true);
  }

  private static List<SplatView> split(List<SplatView> all, boolean heldOut) {
    List<SplatView> taken = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      boolean isHeldOut = all.size() >= LEAST_VIEWS && i % HOLD_OUT_EVERY == 0;
      if (isHeldOut == heldOut) {
        taken.add(all.get(i));
      }
    }
    return taken;
  }

  private static InitialPoints placed(InitialPoints points, CaptureConverter.Placement placement) {
    float[] positions = new float[3 * points.size()];
    float[] colours = new float[3 * points.size()];
    int count = 0;
    for (int i = 0; i < points.size(); i++) {
      double[] point = new double[3];
      for (int k = 0; k < 3; k++) {
        point[k] = points.positions()[3 * i + k];
      }
      double[] placed = placement.place(point);
      if (Math.hypot(Math.hypot(placed[0], placed[1]), placed[2]) < FAR) {
        for (int k = 0; k < 3; k++) {
          positions[3 * count + k] = (float) placed[k];
          colours[3 * count + k] = points.colours()[3 * i + k];
        }
        count++;
      }
    }
    return new InitialPoints(
        java.util.Arrays.copyOf(positions, 3 * count), java.util.Arrays.copyOf(colours, 3 * count));
  }

  /** Grey points: half of them evenly in the ball of the cameras, half beyond, ever thinner. */
  private static InitialPoints scattered(int count, long seed, double radius) {
    SplittableRandom random = SplatRandom.POINTS.at(seed, 0);
    float[] positions = new float[3 * count];
    float[] colours = new float[3 * count];
    for (int i = 0; i < count; i++) {
      double azimuth = 2 * Math.PI * random.nextDouble();
      double elevation = Math.asin(2 * random.nextDouble() - 1);
      double share = random.nextDouble();
      double far = i % 2 == 0 ? radius * Math.cbrt(share) : radius / Math.max(0.1, 1 - share);
      double[] at = CameraPose.orbit(azimuth, elevation, Math.max(1e-3, far)).position();
      for (int k = 0; k < 3; k++) {
        positions[3 * i + k] = (float) at[k];
        colours[3 * i + k] = 0.5f;
      }
    }
    return new InitialPoints(positions, colours);
  }
}
