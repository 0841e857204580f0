package ai.fresnel.cvs.examples.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A closed path among the cameras of a capture: a ring if they stand all around the middle, or else
 * an ellipse inside of the arc that they cover. Nobody photographed what is seen from elsewhere.
 */
public final class CameraSway {

  /** Cameras without a gap of so much stand all around. */
  private static final double GAP = Math.toRadians(90);

  /** Quantiles of the cameras' angles between which the path stays. */
  private static final double LOW = 0.15;

  private static final double HIGH = 0.85;

  private CameraSway() {}

  /**
   * Returns a path.
   *
   * @param cameras one or more, which look at the origin
   * @param count of the path's cameras, evenly in time
   * @return the path's cameras, which look at the origin
   */
  public static List<CameraPose> among(List<CameraPose> cameras, int count) {
    double[] azimuths = cameras.stream().mapToDouble(CameraPose::azimuth).sorted().toArray();
    double[] elevations = cameras.stream().mapToDouble(CameraPose::elevation).sorted().toArray();
    double[] radii = cameras.stream().mapToDouble(CameraPose::radius).sorted().toArray();
    boolean around = unrolled(azimuths) < GAP;
    double left = quantile(azimuths, LOW);
    double right = quantile(azimuths, HIGH);
    double low = quantile(elevations, LOW);
    double high = quantile(elevations, HIGH);
    List<CameraPose> path = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double turn = 2 * Math.PI * i / count;
      double azimuth = around ? turn : middle(left, right) + (right - left) / 2 * Math.sin(turn);
      double elevation =
          around
              ? quantile(elevations, 0.5)
              : middle(low, high) + (high - low) / 2 * Math.cos(turn);
      path.add(CameraPose.orbit(azimuth, elevation, quantile(radii, 0.5)));
    }
    return path;
  }

  /** Makes sorted angles begin after their largest gap, and returns it. */
  private static double unrolled(double[] sorted) {
    int last = sorted.length - 1;
    int after = 0;
    double gap = sorted[0] + 2 * Math.PI - sorted[last];
    for (int i = 1; i <= last; i++) {
      if (sorted[i] - sorted[i - 1] > gap) {
        gap = sorted[i] - sorted[i - 1];
        after = i;
      }
    }
    for (int i = 0; i < after; i++) {
      sorted[i] += 2 * Math.PI;
    }
    Arrays.sort(sorted);
    return gap;
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }

  private static double middle(double a, double b) {
    return (a + b) / 2;
  }
}
