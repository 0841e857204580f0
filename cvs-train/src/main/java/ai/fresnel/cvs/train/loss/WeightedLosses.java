package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.AbstractCompositeLoss;
import ai.djl.training.loss.Loss;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;

/**
 * A weighted sum of losses. Each has its own two labels, a target (N, ...) and a weight a sample
 * (N), in the order the losses were added, and one of the predictions.
 */
public final class WeightedLosses extends AbstractCompositeLoss {

  private final List<Float> weights = new ArrayList<>();
  private final List<Integer> predicted = new ArrayList<>();

  /** Creates the sum of nothing. */
  public WeightedLosses() {
    super("weighted");
    components = new ArrayList<>();
  }

  /**
   * Adds a loss of the first prediction.
   *
   * @param loss takes a target and a weight a sample
   * @param weight its share in the sum, above 0
   * @return this
   */
  public WeightedLosses add(Loss loss, double weight) {
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
  public WeightedLosses add(Loss loss, double weight, int prediction) {
    components.add(loss);
    weights.add((float) weight);
    predicted.add(prediction);
    return this;
  }

  @Override
  protected Pair<NDList, NDList> inputForComponent(
      int componentIndex, NDList labels, NDList predictions) {
    return new Pair<>(
        labels.subNDList(2 * componentIndex, 2 * componentIndex + 2),
        new NDList(predictions.get(predicted.get(componentIndex))));
  }

  /** {@inheritDoc} */
  @Override
  public NDArray evaluate(NDList labels, NDList predictions) {
    NDArray sum = null;
    for (int i = 0; i < components.size(); i++) {
      Pair<NDList, NDList> input = inputForComponent(i, labels, predictions);
      NDArray one = components.get(i).evaluate(input.getKey(), input.getValue());
      NDArray weighted = one.mul(weights.get(i));
      sum = sum == null ? weighted : sum.add(weighted);
    }
    return sum;
  }
}
