package ai.fresnel.cvs.train.eval;

/**
 * Reduces an image to at most 16×16, for comparison with many others: cell (i, j) is the mean of
 * the pixels (x, y) with floor(16·x / S) = i and floor(16·y / S) = j. A smaller image stays as it
 * is.
 */
final class Thumbnail {

  private static final int SIDE = 16;

  private Thumbnail() {}

  /** Reduces (3, S, S) to (3, T, T), with T the smaller of S and 16. */
  static float[] of(float[] image, int size) {
    int side = Math.min(SIDE, size);
    double[] sums = new double[3 * side * side];
    int[] counts = new int[sums.length];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          int cell = (c * side + y * side / size) * side + x * side / size;
          sums[cell] += image[(c * size + y) * size + x];
          counts[cell]++;
        }
      }
    }
    float[] cells = new float[sums.length];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = (float) (sums[i] / counts[i]);
    }
    return cells;
  }

  /**
   * Returns the sum of squared differences; stops at {@code enough} and returns a partial sum that
   * is not less.
   */
  static double distance(float[] a, float[] b, double enough) {
    double sum = 0;
    for (int from = 0; from < a.length && sum < enough; from += SIDE) {
      int to = Math.min(a.length, from + SIDE);
      for (int i = from; i < to; i++) {
        float difference = a[i] - b[i];
        sum += (double) difference * difference;
      }
    }
    return sum;
  }
}
