package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;

/**
 * A weighted sum of losses. Each has its own two labels, a target (N, ...) and a weight a sample
 * (N), in the order the losses were added, and one of the predictions.
 */
public final class WeightedLosses extends SampleLoss {

  private record Part(SampleLoss loss, float weight, int prediction) {}

  private final List<Part> parts = new ArrayList<>();

  /** Creates the sum of nothing. */
  public WeightedLosses() {
    super("weighted");
  }

  /**
   * Adds a loss of the first prediction.
   *
   * @param loss takes a target and a weight a sample
   * @param weight its share in the sum, above 0
   * @return this
   */
  public WeightedLosses add(SampleLoss loss, double weight) {
    return add(loss, weight, 0);
  }

  /**
   * Adds a loss.
   *
   * @param loss takes a target and a weight a sample
   * @param weight its share in the sum, above 0
   * @param prediction which of the predictions it compares, from 0
   * @return this
   */
  public WeightedLosses add(SampleLoss loss, double weight, int prediction) {
    parts.add(new Part(loss, (float) weight, prediction));
    return this;
  }

  /** {@inheritDoc} The weighted sum of the parts' losses of the sample. */
  @Override
  public NDArray perSample(NDList labels, NDList predictions) {
    NDArray sum = null;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      NDList predicted = new NDList(predictions.get(part.prediction()));
      NDArray one = part.loss().perSample(labels.subNDList(2 * i, 2 * i + 2), predicted);
      NDArray weighted = one.mul(part.weight());
      sum = sum == null ? weighted : sum.add(weighted);
    }
    return sum;
  }
}
