package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.fresnel.cvs.torch.TorchOps;
import java.util.ArrayList;
import java.util.List;

/**
 * A weighted sum of losses. Each has its own labels, as many as it says, in the order the losses
 * were added, and one of the predictions.
 */
public final class WeightedLosses extends SampleLoss {

  private record Part(SampleLoss loss, double weight, int prediction) {}

  private final List<Part> parts = new ArrayList<>();

  /** Creates the sum of nothing. */
  public WeightedLosses() {
    super("weighted");
  }

  /**
   * Adds a loss of the first prediction.
   *
   * @param loss takes the labels that follow those of the losses before it
   * @param weight its share in the sum, above 0
   * @return this
   */
  public WeightedLosses add(SampleLoss loss, double weight) {
    return add(loss, weight, 0);
  }

  /**
   * Adds a loss.
   *
   * @param loss takes the labels that follow those of the losses before it
   * @param weight its share in the sum, above 0
   * @param prediction which of the predictions it compares, from 0
   * @return this
   */
  public WeightedLosses add(SampleLoss loss, double weight, int prediction) {
    parts.add(new Part(loss, weight, prediction));
    return this;
  }

  @Override
  public int labels() {
    return parts.stream().mapToInt(part -> part.loss().labels()).sum();
  }

  /** {@inheritDoc} The weighted sum of the parts' losses of the sample. */
  @Override
  public NDArray perSample(NDList labels, NDList predictions) {
    NDArray sum = null;
    int at = 0;
    for (Part part : parts) {
      int next = at + part.loss().labels();
      NDList predicted = new NDList(predictions.get(part.prediction()));
      NDArray one = part.loss().perSample(labels.subNDList(at, next), predicted);
      at = next;
      NDArray weighted = TorchOps.scale(one, part.weight());
      sum = sum == null ? weighted : sum.add(weighted);
    }
    return sum;
  }
}
