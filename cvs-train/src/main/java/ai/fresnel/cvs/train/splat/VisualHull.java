package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.viewset.View;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Points inside of the silhouettes of an object's views, tolerantly: a point may miss a few of
 * them, since masks and cameras are a little off and thin parts are easily cut away.
 */
public final class VisualHull {

  /** The share of the views that see a point in which it must be on the object. */
  private static final double SHARE = 0.85;

  /** A pixel of at least this alpha is on the object. */
  private static final int OPAQUE = 26;

  /** Half the side of the cube that is searched, around the object of length 1. */
  private static final double HALF = 0.6;

  /** Tries for each point that is wanted. */
  private static final int TRIES = 400;

  private VisualHull() {}

  /**
   * Samples points evenly.
   *
   * @param views of an object about one unit long around the origin, with alpha
   * @param count the number of points, 1 or more
   * @param seed of the random numbers
   * @return the points with the mean colours of the views there; if the hull is so small that it
   *     cannot be found, points of the whole cube
   */
  public static InitialPoints sample(List<View> views, int count, long seed) {
    SplittableRandom random = SplatRandom.POINTS.at(seed, 0);
    float[] positions = new float[3 * count];
    float[] colours = new float[3 * count];
    double[] point = new double[3];
    double[] colour = new double[3];
    int found = 0;
    long tries = (long) TRIES * count;
    while (found < count) {
      for (int k = 0; k < 3; k++) {
        point[k] = HALF * (2 * random.nextDouble() - 1);
      }
      if (isInside(views, point, colour) || --tries < 0) {
        for (int k = 0; k < 3; k++) {
          positions[3 * found + k] = (float) point[k];
          colours[3 * found + k] = (float) colour[k];
        }
        found++;
      }
    }
    return new InitialPoints(positions, colours);
  }

  private static boolean isInside(List<View> views, double[] point, double[] colour) {
    int seen = 0;
    int missed = 0;
    double weight = 0;
    double[] sum = new double[3];
    for (View view : views) {
      Intrinsics lens = view.intrinsics();
      double[] inCamera = view.pose().toCamera(point);
      if (!(inCamera[2] > 0)) {
        continue;
      }
      double[] at = lens.project(inCamera);
      int column = (int) Math.floor(at[0]);
      int row = (int) Math.floor(at[1]);
      if (column < 0 || row < 0 || column >= lens.width() || row >= lens.height()) {
        continue;
      }
      seen++;
      int pixel = 4 * (row * lens.width() + column);
      int alpha = view.rgba()[pixel + 3] & 0xff;
      missed += alpha < OPAQUE ? 1 : 0;
      weight += alpha;
      for (int k = 0; k < 3; k++) {
        sum[k] += alpha * (view.rgba()[pixel + k] & 0xff);
      }
    }
    for (int k = 0; k < 3; k++) {
      colour[k] = weight > 0 ? sum[k] / (255 * weight) : 0.5;
    }
    return seen > 0 && missed <= (1 - SHARE) * seen;
  }
}
