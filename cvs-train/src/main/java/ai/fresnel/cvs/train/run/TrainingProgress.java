package ai.fresnel.cvs.train.run;

import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a run stands, told now and then.
 *
 * @param samples samples seen
 * @param maxSamples samples of the whole run
 * @param loss the mean loss since the last report
 * @param lossBySigma the same by sigma: the mean loss of the samples of each bin of sigma, in
 *     order; bins without samples, and losses that cannot tell, are left out
 * @param gradientNorm the mean global norm of the gradient since the last report, before clipping
 * @param learningRate the current rate
 * @param samplesPerSecond samples a second since the last report, data included
 * @param seconds time spent training, over all resumptions
 * @param validation the loss of the averaged weights on the validation pairs after this very step;
 *     NaN where it was not measured
 * @param lossScale what the loss is multiplied with before the gradient is taken; NaN where it is
 *     not, but in float16
 * @param leftOut steps since the last report that were left out because the scaled gradient was not
 *     finite; means are of the others
 */
public record TrainingProgress(
    long samples,
    long maxSamples,
    double loss,
    Map<String, Double> lossBySigma,
    double gradientNorm,
    double learningRate,
    double samplesPerSecond,
    double seconds,
    double validation,
    double lossScale,
    long leftOut) {

  /**
   * Estimates the time left.
   *
   * @return seconds, or NaN before a rate is known
   */
  public double secondsLeft() {
    return samplesPerSecond > 0 ? (maxSamples - samples) / samplesPerSecond : Double.NaN;
  }

  /**
   * The report as a line of {@code metrics.jsonl}.
   *
   * @return a JSON object without line break
   */
  public String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("samples", samples);
    json.addProperty("loss", finite(loss));
    if (!lossBySigma.isEmpty()) {
      JsonObject bins = new JsonObject();
      lossBySigma.forEach((bin, mean) -> bins.addProperty(bin, finite(mean)));
      json.add("loss_by_sigma", bins);
    }
    if (Double.isFinite(validation)) {
      json.addProperty("validation", validation);
    }
    json.addProperty("gradient_norm", finite(gradientNorm));
    json.addProperty("learning_rate", learningRate);
    json.addProperty("samples_per_second", finite(samplesPerSecond));
    if (Double.isFinite(lossScale)) {
      json.addProperty("loss_scale", lossScale);
      json.addProperty("steps_left_out", leftOut);
    }
    json.addProperty("seconds", seconds);
    return json.toString();
  }

  /**
   * The report as points of curves.
   *
   * @return name to number, all finite; a slash makes a group
   */
  Map<String, Double> scalars() {
    Map<String, Double> all = new LinkedHashMap<>();
    all.put("loss", loss);
    lossBySigma.forEach((bin, mean) -> all.put("loss_by_sigma/" + bin, mean));
    all.put("validation", validation);
    all.put("gradient_norm", gradientNorm);
    all.put("learning_rate", learningRate);
    all.put("samples_per_second", samplesPerSecond);
    if (Double.isFinite(lossScale)) {
      all.put("loss_scale", lossScale);
      all.put("steps_left_out", (double) leftOut);
    }
    all.values().removeIf(value -> !Double.isFinite(value));
    return all;
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
