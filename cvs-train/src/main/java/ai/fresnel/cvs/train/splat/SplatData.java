package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.train.capture.CaptureConverter;
import ai.fresnel.cvs.train.stereo.PlaneSweep;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** With fewer points of stereo Gaussians begin anywhere. */
  private static final int LEAST_POINTS = 500;

  /** The depths between which they do, in the camera's distance from the middle. */
  private static final double SCATTER_NEAR = 0.4;

  private static final double SCATTER_FAR = 4;

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
   * reconstruction, or, where there are none, where {@link PlaneSweep} finds surfaces.
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
      List<SplatView> training = training(all);
      return new SplatData(training, heldOut(all), at((most, seed) -> swept(training, most, seed)));
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
        Arrays.copyOf(positions, 3 * count), Arrays.copyOf(colours, 3 * count));
  }

  /**
   * Points that stereo finds, or, where it finds next to none, points of random pixels anywhere in
   * front of the cameras.
   */
  private static InitialPoints swept(List<SplatView> views, int most, long seed) {
    List<View> images = views.stream().map(SplatView::view).toList();
    List<View> depths = PlaneSweep.depths(images, Runtime.getRuntime().availableProcessors());
    InitialPoints points = InitialPoints.of(depths);
    return points.size() >= LEAST_POINTS
        ? points.sample(most, seed)
        : scattered(depths, most, seed);
  }

  private static InitialPoints scattered(List<View> views, int count, long seed) {
    SplittableRandom random = SplatRandom.POINTS.at(seed, 0);
    List<float[]> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      View view = views.get(random.nextInt(views.size()));
      int pixel = random.nextInt(view.rgba().length / 4);
      // Evenly in the inverse of the depth, as images see it.
      double share = random.nextDouble();
      double inverse = share / SCATTER_NEAR + (1 - share) / SCATTER_FAR;
      points.add(InitialPoints.point(view, pixel, view.pose().radius() / inverse));
    }
    return InitialPoints.ofRows(points);
  }
}
