package ai.fresnel.cvs.train.stereo;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.splat.ParallelLoop;
import ai.fresnel.cvs.train.viewset.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds depths of photographs with known cameras: each is compared with its neighbours at a row of
 * depths (Collins 1996), by normalised cross-correlation, and depths that other views do not
 * confirm are dropped. Deterministic, whatever the number of threads.
 *
 * <p>Cameras look at the origin from about one distance, as those of {@link
 * ai.fresnel.cvs.train.capture.CaptureConverter} do.
 */
public final class PlaneSweep {

  /** The longest side of the images that are compared, in pixels. */
  private static final int SIDE = 96;

  /** Depths that are tried, evenly spaced in their inverse. */
  private static final int LEVELS = 64;

  /** The nearest and the farthest depth, in distances of the median camera from the origin. */
  private static final double NEAREST = 0.2;

  private static final double FARTHEST = 8;

  /** Views that each is compared with. */
  private static final int NEIGHBOURS = 4;

  /** The best angle between two cameras seen from the origin: less is vague, more hides much. */
  private static final double ANGLE = Math.toRadians(10);

  /** A correlation from which two windows may show the same. */
  private static final float ALIKE = 0.6f;

  /** The share of a depth by which a view that confirms it may differ. */
  private static final double TOLERANCE = 0.05;

  /** Views that must confirm a depth, where there are so many neighbours. */
  private static final int CONFIRMATIONS = 2;

  private final List<SweptImage> images;
  private final double nearest;
  private final double farthest;

  private PlaneSweep(List<View> views) {
    images = views.stream().map(view -> SweptImage.of(view, SIDE)).toList();
    double[] distances =
        views.stream().mapToDouble(view -> view.pose().radius()).sorted().toArray();
    double median = distances[distances.length / 2];
    nearest = NEAREST * median;
    farthest = FARTHEST * median;
  }

  /**
   * Finds depths.
   *
   * @param views the photographs; where they are transparent they tell nothing
   * @param threads the most at a time, 1 or more
   * @return a reduced copy of each view, at most 96 pixels a side, with a depth map that is 0 where
   *     no depth was found
   */
  public static List<View> depths(List<View> views, int threads) {
    if (views.isEmpty()) {
      return List.of();
    }
    return new PlaneSweep(views).run(threads);
  }

  private List<View> run(int threads) {
    float[][] found = new float[images.size()][];
    ParallelLoop.run(threads, found.length, i -> found[i] = sweep(i));
    View[] views = new View[found.length];
    ParallelLoop.run(
        threads, views.length, i -> views[i] = images.get(i).view().withDepth(confirmed(i, found)));
    return List.of(views);
  }

  /** Returns the numbers of the views whose angle to a view is nearest to the best one. */
  private List<Integer> neighbours(int i) {
    double[] own = Vectors.unit(images.get(i).pose().position());
    List<Integer> others = new ArrayList<>();
    double[] cost = new double[images.size()];
    for (int k = 0; k < images.size(); k++) {
      double cosine = Vectors.dot(own, Vectors.unit(images.get(k).pose().position()));
      double angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
      cost[k] = Math.abs(Math.log(Math.max(1e-9, angle) / ANGLE));
      if (k != i) {
        others.add(k);
      }
    }
    others.sort(Comparator.comparingDouble(k -> cost[k]));
    return others.subList(0, Math.min(NEIGHBOURS, others.size()));
  }

  private double depth(double level) {
    double share = level / (LEVELS - 1);
    return 1 / ((1 - share) / nearest + share / farthest);
  }

  /** Returns the likeliest depth of each pixel; 0 where none is likely. */
  private float[] sweep(int i) {
    SweptImage image = images.get(i);
    List<Integer> neighbours = neighbours(i);
    int pixels = image.grey().length;
    float[][] scores = new float[LEVELS][pixels];
    float[] warped = new float[pixels];
    float[][] each = new float[neighbours.size()][pixels];
    WindowCorrelation correlation = new WindowCorrelation(image.width(), image.height());
    for (int level = 0; level < LEVELS; level++) {
      for (int k = 0; k < each.length; k++) {
        warp(image, images.get(neighbours.get(k)), depth(level), warped);
        correlation.of(image.grey(), warped, each[k]);
      }
      combine(each, scores[level]);
    }
    float[] depth = new float[pixels];
    for (int p = 0; p < pixels; p++) {
      int best = 0;
      for (int level = 1; level < LEVELS; level++) {
        best = scores[level][p] > scores[best][p] ? level : best;
      }
      // At the ends of the row the best may lie beyond.
      if (scores[best][p] >= ALIKE && best > 0 && best < LEVELS - 1) {
        depth[p] = (float) depth(best + peak(scores, best, p));
      }
    }
    return depth;
  }

  /** Returns where between levels a parabola through the best score and its neighbours peaks. */
  private static double peak(float[][] scores, int best, int p) {
    double before = scores[best - 1][p];
    double after = scores[best + 1][p];
    double bend = before - 2 * scores[best][p] + after;
    return bend < 0 ? 0.5 * (before - after) / bend : 0;
  }

  /** Looks at another image through the pixels of one, as if all were at one depth. */
  private static void warp(SweptImage image, SweptImage other, double depth, float[] warped) {
    CameraPose to = other.pose();
    Intrinsics lens = other.lens();
    double[] rotation = image.pose().rotation();
    double[] eye = image.pose().position();
    for (int p = 0; p < warped.length; p++) {
      double[] point = Vectors.multiplyTransposed(rotation, image.unproject(p, depth));
      for (int c = 0; c < 3; c++) {
        point[c] += eye[c];
      }
      double[] there = to.toCamera(point);
      if (there[2] > 0) {
        warped[p] =
            other.sample(
                lens.fx() * there[0] / there[2] + lens.cx(),
                lens.fy() * there[1] / there[2] + lens.cy());
      } else {
        warped[p] = Float.NaN;
      }
    }
  }

  /** The mean of the better half of the scores: what hides a place in one view spares others. */
  private static void combine(float[][] each, float[] result) {
    float[] known = new float[each.length];
    int needed = (each.length + 1) / 2;
    for (int p = 0; p < result.length; p++) {
      int count = 0;
      for (float[] one : each) {
        if (!Float.isNaN(one[p])) {
          known[count++] = one[p];
        }
      }
      result[p] = -1;
      if (count > 0 && count >= needed) {
        Arrays.sort(known, 0, count);
        float sum = 0;
        for (int k = count - needed; k < count; k++) {
          sum += known[k];
        }
        result[p] = sum / needed;
      }
    }
  }

  /** Drops the depths that too few neighbours found, too. */
  private float[] confirmed(int i, float[][] found) {
    SweptImage image = images.get(i);
    List<Integer> neighbours = neighbours(i);
    double[] rotation = image.pose().rotation();
    double[] eye = image.pose().position();
    float[] depth = found[i].clone();
    for (int p = 0; p < depth.length; p++) {
      if (!(depth[p] > 0)) {
        continue;
      }
      double[] point = Vectors.multiplyTransposed(rotation, image.unproject(p, depth[p]));
      for (int c = 0; c < 3; c++) {
        point[c] += eye[c];
      }
      int agreed = 0;
      for (int k : neighbours) {
        agreed += agrees(images.get(k), found[k], point) ? 1 : 0;
      }
      if (agreed < Math.min(CONFIRMATIONS, neighbours.size())) {
        depth[p] = 0;
      }
    }
    return depth;
  }

  private static boolean agrees(SweptImage image, float[] depth, double[] point) {
    double[] there = image.pose().toCamera(point);
    if (!(there[2] > 0)) {
      return false;
    }
    double[] at = image.lens().project(there);
    int column = (int) Math.floor(at[0]);
    int row = (int) Math.floor(at[1]);
    return column >= 0
        && row >= 0
        && column < image.width()
        && row < image.height()
        && Math.abs(depth[row * image.width() + column] - there[2]) < TOLERANCE * there[2];
  }
}
