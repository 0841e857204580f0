package ai.fresnel.cvs.train.splat;

import java.util.Arrays;

/** Distances to nearest neighbours, by a tree that halves the points along their longest axis. */
final class NearestPoints {

  /** Points of a leaf. */
  private static final int LEAF = 16;

  private final float[] points;

  /** The points in the order of the tree. */
  private final int[] order;

  /** The axis along which a part is split, by its middle. */
  private final byte[] axis;

  private NearestPoints(float[] points) {
    this.points = points;
    order = new int[points.length / 3];
    axis = new byte[order.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    split(0, order.length);
  }

  /**
   * Returns the mean distance of each point's nearest others.
   *
   * @param points (N, 3)
   * @param count the number of others; fewer count where there are not so many
   * @return (N); 1 for a single point
   */
  static float[] meanDistances(float[] points, int count) {
    NearestPoints tree = new NearestPoints(points);
    int others = Math.min(count, points.length / 3 - 1);
    float[] means = new float[points.length / 3];
    double[] nearest = new double[others];
    for (int i = 0; i < means.length; i++) {
      if (others < 1) {
        means[i] = 1;
        continue;
      }
      Arrays.fill(nearest, Double.POSITIVE_INFINITY);
      tree.search(i, 0, means.length, nearest);
      double sum = 0;
      for (double square : nearest) {
        sum += Math.sqrt(square);
      }
      means[i] = (float) (sum / others);
    }
    return means;
  }

  private void split(int from, int to) {
    if (to - from <= LEAF) {
      return;
    }
    int longest = longestAxis(from, to);
    int middle = (from + to) >>> 1;
    select(from, to - 1, middle, longest);
    axis[middle] = (byte) longest;
    split(from, middle);
    split(middle + 1, to);
  }

  private int longestAxis(int from, int to) {
    int longest = 0;
    float most = -1;
    for (int k = 0; k < 3; k++) {
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      for (int i = from; i < to; i++) {
        float value = points[3 * order[i] + k];
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      if (high - low > most) {
        most = high - low;
        longest = k;
      }
    }
    return longest;
  }

  /** Hoare's selection: brings the point of a rank to its place, smaller ones before it. */
  private void select(int first, int last, int rank, int k) {
    int low = first;
    int high = last;
    while (low < high) {
      float pivot = points[3 * order[(low + high) >>> 1] + k];
      int i = low;
      int j = high;
      while (i <= j) {
        while (points[3 * order[i] + k] < pivot) {
          i++;
        }
        while (points[3 * order[j] + k] > pivot) {
          j--;
        }
        if (i <= j) {
          int swapped = order[i];
          order[i++] = order[j];
          order[j--] = swapped;
        }
      }
      if (rank <= j) {
        high = j;
      } else if (rank >= i) {
        low = i;
      } else {
        return;
      }
    }
  }

  private void search(int of, int from, int to, double[] nearest) {
    if (to - from <= LEAF) {
      for (int i = from; i < to; i++) {
        offer(of, order[i], nearest);
      }
      return;
    }
    int middle = (from + to) >>> 1;
    offer(of, order[middle], nearest);
    int k = axis[middle];
    double beyond = points[3 * of + k] - points[3 * order[middle] + k];
    boolean before = beyond < 0;
    search(of, before ? from : middle + 1, before ? middle : to, nearest);
    if (beyond * beyond < nearest[nearest.length - 1]) {
      search(of, before ? middle + 1 : from, before ? to : middle, nearest);
    }
  }

  private void offer(int of, int other, double[] nearest) {
    if (other == of) {
      return;
    }
    double square = 0;
    for (int k = 0; k < 3; k++) {
      double difference = points[3 * of + k] - points[3 * other + k];
      square += difference * difference;
    }
    int at = nearest.length - 1;
    if (!(square < nearest[at])) {
      return;
    }
    while (at > 0 && nearest[at - 1] > square) {
      nearest[at] = nearest[at - 1];
      at--;
    }
    nearest[at] = square;
  }
}
