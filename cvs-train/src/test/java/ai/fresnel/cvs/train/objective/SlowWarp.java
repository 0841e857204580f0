package ai.fresnel.cvs.train.objective;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.List;

/** {@link ViewWarp} pixel by pixel, in double and from the cameras themselves. */
public final class SlowWarp {

  private final int side;
  private final float[][] depths;
  private final CameraPose[] poses;
  private final Intrinsics[] lenses;

  /** Partners' depth (S, S), cameras and lenses. */
  public SlowWarp(int side, float[][] depths, CameraPose[] poses, Intrinsics... lenses) {
    this.side = side;
    this.depths = depths;
    this.poses = poses;
    this.lenses = lenses;
  }

  /** Where a pixel of a view is in its partner, in pixels from the corner, and its depth there. */
  double[] place(int view, int x, int y) {
    double z = depths[view][y * side + x];
    double[] p = {
      z * (x + 0.5 - lenses[view].cx()) / lenses[view].fx(),
      z * (y + 0.5 - lenses[view].cy()) / lenses[view].fy(),
      z
    };
    double[] r = poses[view].rotation();
    double[] t = poses[view].translation();
    double[] world = new double[3];
    for (int k = 0; k < 3; k++) {
      for (int row = 0; row < 3; row++) {
        world[k] += r[3 * row + k] * (p[row] - t[row]);
      }
    }
    double[] other = poses[1 - view].toCamera(world);
    double[] at = lenses[1 - view].project(other);
    return new double[] {at[0], at[1], other[2]};
  }

  /** Whether the partner sees the surface that a pixel shows. */
  boolean sees(int view, int x, int y) {
    if (!whole(view, x, y)) {
      return false;
    }
    double[] at = place(view, x, y);
    double z = 0;
    for (Corner corner : corners(at)) {
      if (corner.share > 1e-3 && !whole(1 - view, corner.x, corner.y)) {
        return false;
      }
      z += corner.share > 1e-3 ? corner.share * depths[1 - view][corner.y * side + corner.x] : 0;
    }
    return Math.abs(z - at[2]) <= 1.5 * width(view, x, y);
  }

  /** How many pixels of a view its partner sees. */
  public long count(int view) {
    long count = 0;
    for (int i = 0; i < side * side; i++) {
      count += sees(view, i % side, Math.floorDiv(i, side)) ? 1 : 0;
    }
    return count;
  }

  private double width(int view, int x, int y) {
    return depths[view][y * side + x] / lenses[view].fx();
  }

  private boolean whole(int view, int x, int y) {
    if (x < 0 || y < 0 || x >= side || y >= side) {
      return false;
    }
    double most = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; k < 9; k++) {
      int nx = x + k % 3 - 1;
      int ny = y + Math.floorDiv(k, 3) - 1;
      if (nx >= 0 && ny >= 0 && nx < side && ny < side) {
        most = Math.max(most, depths[view][ny * side + nx]);
        least = Math.min(least, depths[view][ny * side + nx]);
      }
    }
    return least > 0 && most - least <= 6 * width(view, x, y);
  }

  /** The mean absolute difference of a view (C, S, S) from what its partner shows of it. */
  public double difference(double[][] images, int view) {
    int channels = images[0].length / (side * side);
    double sum = 0;
    int count = 0;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        if (sees(view, x, y)) {
          double[] at = place(view, x, y);
          for (int c = 0; c < channels; c++) {
            double here = images[view][(c * side + y) * side + x];
            sum += Math.abs(here - bilinear(images[1 - view], c, at)) / channels;
          }
          count++;
        }
      }
    }
    return sum / Math.max(1, count);
  }

  private double bilinear(double[] image, int channel, double[] at) {
    double sum = 0;
    for (Corner corner : corners(at)) {
      boolean inside = corner.x >= 0 && corner.y >= 0 && corner.x < side && corner.y < side;
      sum += inside ? corner.share * image[(channel * side + corner.y) * side + corner.x] : 0;
    }
    return sum;
  }

  /** One of the four pixels around a place, and its share of the value there. */
  private record Corner(int x, int y, double share) {}

  private static List<Corner> corners(double[] at) {
    int x0 = (int) Math.floor(at[0] - 0.5);
    int y0 = (int) Math.floor(at[1] - 0.5);
    double fx = at[0] - 0.5 - x0;
    double fy = at[1] - 0.5 - y0;
    return List.of(
        new Corner(x0, y0, (1 - fx) * (1 - fy)),
        new Corner(x0 + 1, y0, fx * (1 - fy)),
        new Corner(x0, y0 + 1, (1 - fx) * fy),
        new Corner(x0 + 1, y0 + 1, fx * fy));
  }
}
