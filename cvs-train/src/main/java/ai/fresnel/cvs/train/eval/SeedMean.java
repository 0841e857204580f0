package ai.fresnel.cvs.train.eval;

/**
 * Computes the mean and deviation of the samples of a batch, value by value, without storing the
 * samples.
 */
final class SeedMean {

  private final double[] mean;
  private final double[] squares;
  private int count;

  /** Starts with no samples of a batch with a number of values. */
  SeedMean(int length) {
    mean = new double[length];
    squares = new double[length];
  }

  /** Adds a sample of every image. */
  void add(float[] images) {
    count++;
    for (int i = 0; i < mean.length; i++) {
      // Welford's recurrence, as the deviation is small compared with the values.
      double delta = images[i] - mean[i];
      mean[i] += delta / count;
      squares[i] += delta * (images[i] - mean[i]);
    }
  }

  /** Returns the mean images. */
  float[] mean() {
    float[] out = new float[mean.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) mean[i];
    }
    return out;
  }

  /**
   * Returns the standard deviation over the samples (by count - 1), averaged over a range of
   * values.
   */
  double diversity(int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += Math.sqrt(squares[i] / (count - 1));
    }
    return sum / (to - from);
  }
}
