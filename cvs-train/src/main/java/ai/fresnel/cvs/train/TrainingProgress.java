package ai.fresnel.cvs.train;

/**
 * Where a run stands, told now and then.
 *
 * @param images samples seen
 * @param maxImages samples of the whole run
 * @param loss the mean loss since the last report
 * @param gradientNorm the mean global norm of the gradient since the last report, before clipping
 * @param learningRate the current rate
 * @param imagesPerSecond samples a second since the last report, data included
 * @param seconds time spent training, over all resumptions
 */
public record TrainingProgress(
    long images,
    long maxImages,
    double loss,
    double gradientNorm,
    double learningRate,
    double imagesPerSecond,
    double seconds) {

  /**
   * Estimates the time left.
   *
   * @return seconds, or NaN before a rate is known
   */
  public double secondsLeft() {
    return imagesPerSecond > 0 ? (maxImages - images) / imagesPerSecond : Double.NaN;
  }

  /**
   * The report as a line of {@code metrics.jsonl}.
   *
   * @return a JSON object without line break
   */
  public String toJson() {
    com.google.gson.JsonObject json = new com.google.gson.JsonObject();
    json.addProperty("images", images);
    json.addProperty("loss", finite(loss));
    json.addProperty("gradient_norm", finite(gradientNorm));
    json.addProperty("learning_rate", learningRate);
    json.addProperty("images_per_second", finite(imagesPerSecond));
    json.addProperty("seconds", seconds);
    return json.toString();
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
