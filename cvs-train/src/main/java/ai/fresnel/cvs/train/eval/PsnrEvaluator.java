package ai.fresnel.cvs.train.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.evaluator.Evaluator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Computes the mean PSNR of predicted images in DJL's training loop. The mean is over images, not
 * over batches; the PSNR of an image is that of {@link ImageMetrics#psnr(float[], float[])}.
 */
public final class PsnrEvaluator extends Evaluator {

  private final Map<String, Mean> means = new ConcurrentHashMap<>();

  /** Makes an evaluator named "PSNR". */
  public PsnrEvaluator() {
    super("PSNR");
  }

  /**
   * Computes the PSNR of each image.
   *
   * @param labels the true images first, (N, C, H, W) in [-1, 1]
   * @param predictions the predicted images first, of the same shape
   * @return (N) decibels, on the labels' manager
   * @throws IllegalArgumentException if the shapes differ
   */
  @Override
  public NDArray evaluate(NDList labels, NDList predictions) {
    NDArray truth = labels.head();
    NDArray predicted = predictions.head();
    if (!truth.getShape().equals(predicted.getShape())) {
      throw new IllegalArgumentException(
          "predicted images are " + predicted.getShape() + ", expected " + truth.getShape());
    }
    try (NDManager sub = truth.getManager().newSubManager()) {
      NDArray rows = truth.reshape(truth.getShape().get(0), -1);
      rows.attach(sub);
      NDArray others = predicted.reshape(rows.getShape());
      others.attach(sub);
      NDArray error = rows.sub(others).square().mean(new int[] {1});
      NDArray bounded = error.maximum((float) ImageMetrics.LEAST_SQUARED_ERROR);
      float peak = (float) (10 * Math.log10(ImageMetrics.DATA_RANGE * ImageMetrics.DATA_RANGE));
      NDArray result = bounded.log().mul((float) (-10 / Math.log(10))).add(peak);
      result.attach(truth.getManager());
      return result;
    }
  }

  @Override
  public void addAccumulator(String key) {
    means.put(key, new Mean(0, 0));
  }

  @Override
  public void updateAccumulator(String key, NDList labels, NDList predictions) {
    updateAccumulators(new String[] {key}, labels, predictions);
  }

  @Override
  public void updateAccumulators(String[] keys, NDList labels, NDList predictions) {
    double sum = 0;
    float[] values;
    try (NDArray psnr = evaluate(labels, predictions)) {
      values = psnr.toFloatArray();
    }
    for (float value : values) {
      sum += value;
    }
    Mean batch = new Mean(sum, values.length);
    for (String key : keys) {
      // Only added keys: DJL updates more than it reads.
      means.computeIfPresent(key, (k, mean) -> mean.plus(batch));
    }
  }

  @Override
  public void resetAccumulator(String key) {
    means.computeIfPresent(key, (k, mean) -> new Mean(0, 0));
  }

  /**
   * Returns the mean since the last reset.
   *
   * @param key an added accumulator
   * @return decibels; NaN before the first update
   * @throws IllegalArgumentException if there is no such accumulator
   */
  @Override
  public float getAccumulator(String key) {
    Mean mean = means.get(key);
    if (mean == null) {
      throw new IllegalArgumentException("no accumulator named " + key);
    }
    return (float) (mean.sum() / mean.count());
  }

  private record Mean(double sum, long count) {
    Mean plus(Mean other) {
      return new Mean(sum + other.sum, count + other.count);
    }
  }
}
