package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The weighted mean absolute difference from the truth, averaged over samples and elements. Where
 * the truth is uncertain it draws towards the median of what could be, a blur: the weight is for
 * shutting it off there.
 *
 * <p>Labels: x0 (N, ...) and the weight (N). Predictions: f(x, sigma) (N, ...).
 */
public final class PhotometricLoss extends SampleLoss {

  private static final TorchFunction LOSS =
      TorchFunction.of(
          "target: Tensor, weight: Tensor, prediction: Tensor",
          """
          d = torch.abs(torch.flatten(prediction - target, 1))
          return torch.mean(d, [1]) * weight
          """);

  /** Creates the loss. */
  public PhotometricLoss() {
    super("photometric");
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDList labels, NDList predictions) {
    return LOSS.call(labels.get(0), labels.get(1), predictions.get(0));
  }
}
