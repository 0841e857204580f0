package ai.fresnel.cvs.train.eval;

/**
 * A summary of the values of a metric, in its unit.
 *
 * @param count the number of values, at least 1
 * @param mean the mean
 * @param deviation the standard deviation of the sample (by count - 1); 0 for one value
 * @param min the least value
 * @param max the largest value
 */
public record MetricSummary(long count, double mean, double deviation, double min, double max) {

  /**
   * Returns the standard error of the mean of independent values.
   *
   * @return {@code deviation / sqrt(count)}
   */
  public double standardError() {
    return deviation / Math.sqrt((double) count);
  }
}
