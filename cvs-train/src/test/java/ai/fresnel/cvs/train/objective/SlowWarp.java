package ai.fresnel.cvs.train.objective;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;

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
    int x0 = (int) Math.floor(at[0] - 0.5);
    int y0 = (int) Math.floor(at[1] - 0.5);
    double fx = at[0] - 0.5 - x0;
    double fy = at[1] - 0.5 - y0;
    double z = 0;
    for (int corner = 0; corner < 4; corner++) {
      int cx = x0 + corner % 2;
      int cy = y0 + Math.floorDiv(corner, 2);
      double share = (corner % 2 == 0 ? 1 - fx : fx) * (corner < 2 ? 1 - fy : fy);
      if (share > 1e-3 && !whole(1 - view, cx, cy)) {
        return false;
      }
      z += share > 1e-3 ? share * depths[1 - view][cy * side + cx] : 0;
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
    int x0 = (int) Math.floor(at[0] - 0.5);
    int y0 = (int) Math.floor(at[1] - 0.5);
    double fx = at[0] - 0.5 - x0;
    double fy = at[1] - 0.5 - y0;
    double sum = 0;
    for (int corner = 0; corner < 4; corner++) {
      int x = x0 + corner % 2;
      int y = y0 + Math.floorDiv(corner, 2);
      double share = (corner % 2 == 0 ? 1 - fx : fx) * (corner < 2 ? 1 - fy : fy);
      boolean inside = x >= 0 && y >= 0 && x < side && y < side;
      sum += inside ? share * image[(channel * side + y) * side + x] : 0;
    }
    return sum;
  }
}
