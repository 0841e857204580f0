package ai.fresnel.cvs.train.eval;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Summarises values of metrics by key in one pass, without storing them. Keys are free, such as
 * {@code steps1/psnr}. Safe for use by several threads.
 */
public final class MetricAccumulator {

  private final Map<String, Running> byKey = new TreeMap<>();

  /** Makes an empty accumulator. */
  public MetricAccumulator() {}

  /**
   * Adds a value.
   *
   * @param key the metric
   * @param value a finite number
   * @throws IllegalArgumentException if the value is not finite: one NaN would hide the rest
   */
  public synchronized void add(String key, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("value of metric " + key + " is " + value);
    }
    byKey.computeIfAbsent(key, k -> new Running()).add(value);
  }

  /**
   * Returns the summaries.
   *
   * @return a copy, sorted by key
   */
  public synchronized SortedMap<String, MetricSummary> summaries() {
    SortedMap<String, MetricSummary> out = new TreeMap<>();
    byKey.forEach((key, running) -> out.put(key, running.summary()));
    return out;
  }

  /** Welford's recurrence, which does not cancel when the mean is far from 0. */
  private static final class Running {
    private long count;
    private double mean;
    private double squares;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    void add(double value) {
      count++;
      double delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
      min = Math.min(min, value);
      max = Math.max(max, value);
    }

    MetricSummary summary() {
      double deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
      return new MetricSummary(count, mean, deviation, min, max);
    }
  }
}
