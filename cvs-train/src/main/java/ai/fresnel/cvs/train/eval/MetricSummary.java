package ai.fresnel.cvs.train.eval;

/**
 * Many values of one metric in five numbers, in the metric's unit.
 *
 * @param count how many values, at least 1
 * @param mean their mean
 * @param deviation their standard deviation (of the sample, by count - 1); 0 for one value
 * @param min the least
 * @param max the greatest
 */
public record MetricSummary(long count, double mean, double deviation, double min, double max) {

  /**
   * The uncertainty of the mean, if the values are independent.
   *
   * @return {@code deviation / sqrt(count)}
   */
  public double standardError() {
    return deviation / Math.sqrt((double) count);
  }
}
