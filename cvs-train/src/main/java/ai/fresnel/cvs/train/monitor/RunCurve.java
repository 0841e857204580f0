package ai.fresnel.cvs.train.monitor;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * The curve of a metric of a run over the samples seen: ordered, finite points.
 *
 * @param samples samples seen
 * @param values as many numbers
 */
record RunCurve(List<Double> samples, List<Double> values) {

  /** The most points; more than pixels are useless. */
  private static final int MAX_POINTS = 1200;

  /**
   * Extracts a metric of a run. Skips lines without it.
   *
   * @param path the names of the enclosing objects and of the metric
   */
  static RunCurve of(List<JsonObject> entries, String... path) {
    List<Double> samples = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (JsonObject entry : entries) {
      JsonElement found = entry;
      for (String name : path) {
        found = found != null && found.isJsonObject() ? found.getAsJsonObject().get(name) : null;
      }
      if (isNumber(found) && Double.isFinite(found.getAsDouble())) {
        samples.add(entry.get("samples").getAsDouble());
        values.add(found.getAsDouble());
      }
    }
    return new RunCurve(samples, values);
  }

  private static boolean isNumber(JsonElement element) {
    return element != null && element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber();
  }

  boolean isEmpty() {
    return samples.isEmpty();
  }

  /** Returns the points that a logarithmic axis can show. */
  RunCurve positive() {
    RunCurve kept = new RunCurve(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) > 0) {
        kept.samples.add(samples.get(i));
        kept.values.add(values.get(i));
      }
    }
    return kept;
  }

  /**
   * Returns an exponential moving average over about a fiftieth of the curve, at least five points.
   * It averages fewer points at the start, where curves are steep and it would lag behind.
   */
  RunCurve smoothed() {
    double longest = Math.max(5.0, values.size() / 50.0);
    List<Double> smooth = new ArrayList<>();
    double mean = 0;
    for (int i = 0; i < values.size(); i++) {
      mean += (values.get(i) - mean) / Math.min(longest, 1 + i / 4.0);
      smooth.add(mean);
    }
    return new RunCurve(samples, smooth);
  }

  /** Returns at most as many points as an image can show, each the mean of its neighbours. */
  RunCurve thinned() {
    int share = (values.size() + MAX_POINTS - 1) / MAX_POINTS;
    if (share <= 1) {
      return this;
    }
    RunCurve thin = new RunCurve(new ArrayList<>(), new ArrayList<>());
    for (int from = 0; from < values.size(); from += share) {
      int to = Math.min(values.size(), from + share);
      thin.samples.add(mean(samples.subList(from, to)));
      thin.values.add(mean(values.subList(from, to)));
    }
    return thin;
  }

  private static double mean(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
