package ai.fresnel.cvs.train.splat;

import ai.djl.modality.cv.Image;
import ai.djl.util.Progress;
import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.VolumeView;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.splat.FrustumCells;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.train.viewset.View;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Views of a photograph's object that a model draws, as Gaussians are made of them: at temperature
 * 0, where they agree best, with alpha from the photograph's volume.
 */
public final class GeneratedViews {

  /** Cameras of the ring at the photograph's elevation. */
  private static final int RING = 12;

  /** Cameras of the other rings. */
  private static final int[] RINGS = {12, 12, 12, 6};

  /** Their elevations in degrees; at the pole views would turn. */
  private static final double[] ELEVATIONS = {-5, 20, 45, 70};

  /** The photograph counts as much as this many views. */
  private static final double PHOTOGRAPH_WEIGHT = 12;

  /** A view from behind the object counts as much less as this. */
  private static final double LEAST_WEIGHT = 0.5;

  /** Below this alpha a colour on white tells nothing of the object's. */
  private static final float LEAST_ALPHA = 0.02f;

  /**
   * A pixel of less opacity is empty, one of more than twice as much is covered: rays that graze a
   * volume's surface would make a skin of haze, through which what is behind seems to move.
   */
  private static final float GRAZED = 0.3f;

  private GeneratedViews() {}

  /**
   * Makes Gaussians of one photograph.
   *
   * @param cvs a model with a volume
   * @param photograph one object
   * @param framing how the photograph is framed
   * @param source the photograph's camera
   * @param settings the settings; {@link SplatSettings#generated} is made for this
   * @param threads the most threads at a time, 1 or more
   * @return the Gaussians, in the world of the source camera, the object about one unit long
   * @throws IllegalArgumentException if the photograph cannot be framed
   * @throws IllegalStateException if the model has no volume
   */
  public static GaussianCloud reconstruct(
      ViewSynthesizer cvs,
      Photograph photograph,
      Framing framing,
      CameraPose source,
      SplatSettings settings,
      int threads) {
    ViewRequest request = ViewRequest.of(photograph, source, cameras(source)).withFraming(framing);
    SplatData data = draw(cvs, request, null);
    SplatOptimiser optimiser =
        new SplatOptimiser(settings, data.training(), data.start().gaussians(settings), threads);
    while (!optimiser.isDone()) {
      optimiser.step();
    }
    return optimiser.cloud();
  }

  /**
   * Places cameras all around the object.
   *
   * @param source the photograph's camera
   * @return 54 cameras, the photograph's first: a ring at its elevation and four from below the
   *     object to above it
   */
  public static List<CameraPose> cameras(CameraPose source) {
    List<CameraPose> cameras = new ArrayList<>();
    ring(cameras, source, RING, source.elevation(), 0);
    for (int i = 0; i < RINGS.length; i++) {
      ring(cameras, source, RINGS[i], Math.toRadians(ELEVATIONS[i]), 0.5);
    }
    return cameras;
  }

  private static void ring(
      List<CameraPose> cameras, CameraPose source, int count, double elevation, double shift) {
    for (int i = 0; i < count; i++) {
      double azimuth = source.azimuth() + 2 * Math.PI * (i + shift) / count;
      cameras.add(CameraPose.orbit(azimuth, elevation, source.radius()));
    }
  }

  /**
   * Draws views and gives them weights: the photograph's own camera, the first, counts most, and
   * others the less the farther they are from it.
   *
   * @param cvs a model with a volume
   * @param request the photograph and the cameras, the photograph's own first
   * @param progress gets the number of views drawn; may be null
   * @return the views; none is held out, and Gaussians begin as the volume gives them
   * @throws IllegalArgumentException if the photograph cannot be framed
   * @throws IllegalStateException if the model has no volume
   */
  public static SplatData draw(ViewSynthesizer cvs, ViewRequest request, Progress progress) {
    ViewRequest smooth = request.withSamples(1).withTemperature(0);
    List<VolumeView> volume = cvs.volumeViews(smooth);
    ViewResult drawn = cvs.generate(smooth, progress);
    int size = cvs.config().imageSize();
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, size);
    float[] own = request.framedPhotograph(cvs.config());
    List<SplatView> views = new ArrayList<>();
    for (int i = 0; i < volume.size(); i++) {
      CameraPose pose = drawn.views().get(i).target();
      float[] image = i == 0 ? own : planes(drawn.views().get(i).image());
      View view = View.of(lens, pose, rgba(image, enlarged(volume.get(i).opacity(), size), size));
      views.add(SplatView.of(view).withWeight(i == 0 ? PHOTOGRAPH_WEIGHT : weight(request, pose)));
    }
    FrustumCells cells = cvs.volumeCells(smooth);
    return new SplatData(
        views, List.of(), settings -> cells.gaussians(settings.gaussians(), settings.shDegree()));
  }

  private static double weight(ViewRequest request, CameraPose pose) {
    double cosine = Vectors.dot(request.source().forward(), pose.forward());
    return LEAST_WEIGHT + (1 - LEAST_WEIGHT) * (0.5 + 0.5 * cosine);
  }

  /** Returns (3, S, S) in [-1, 1]. */
  private static float[] planes(Image image) {
    int width = image.getWidth();
    int plane = width * image.getHeight();
    BufferedImage pixels = (BufferedImage) image.getWrappedImage();
    float[] planes = new float[3 * plane];
    for (int i = 0; i < plane; i++) {
      int rgb = pixels.getRGB(i % width, i / width);
      for (int c = 0; c < 3; c++) {
        planes[c * plane + i] = ((rgb >> (16 - 8 * c)) & 0xff) / 127.5f - 1;
      }
    }
    return planes;
  }

  /** Interpolates a square map linearly. */
  static float[] enlarged(float[] map, int size) {
    int side = (int) Math.round(Math.sqrt(map.length));
    float[] large = new float[size * size];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        double y = Math.max(0, Math.min(side - 1, (row + 0.5) * side / size - 0.5));
        double x = Math.max(0, Math.min(side - 1, (column + 0.5) * side / size - 0.5));
        int top = (int) y;
        int left = (int) x;
        int bottom = Math.min(side - 1, top + 1);
        int right = Math.min(side - 1, left + 1);
        double down = y - top;
        double across = x - left;
        large[row * size + column] =
            (float)
                ((1 - down)
                        * ((1 - across) * map[top * side + left] + across * map[top * side + right])
                    + down
                        * ((1 - across) * map[bottom * side + left]
                            + across * map[bottom * side + right]));
      }
    }
    return large;
  }

  /**
   * Takes the white background out of an image: c = alpha·colour + 1 - alpha. Volumes are a little
   * hazy where there is nothing, and not quite solid where they have not seen the object.
   */
  static byte[] rgba(float[] onWhite, float[] alpha, int size) {
    int plane = size * size;
    byte[] rgba = new byte[4 * plane];
    for (int i = 0; i < plane; i++) {
      float opaque = Math.max(0, Math.min(1, (alpha[i] - GRAZED) / GRAZED));
      for (int c = 0; c < 3; c++) {
        // A pixel darker than white covers at least as much as it darkens.
        opaque = Math.max(opaque, 1 - (onWhite[c * plane + i] + 1) / 2);
      }
      if (opaque < LEAST_ALPHA) {
        continue;
      }
      for (int c = 0; c < 3; c++) {
        float light = ((onWhite[c * plane + i] + 1) / 2 - 1 + opaque) / opaque;
        rgba[4 * i + c] = (byte) Math.round(255 * Math.max(0, Math.min(1, light)));
      }
      rgba[4 * i + 3] = (byte) Math.round(255 * opaque);
    }
    return rgba;
  }
}
