package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The weighted mean absolute difference from the truth, averaged over samples and elements. Where
 * the truth is uncertain, it favours the median of all possibilities, a blur; set the weight to 0
 * there.
 *
 * <p>Target: x0 (N, ...). Output: f(x, sigma) (N, ...).
 */
public final class PhotometricLoss extends TargetLoss {

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
  public NDArray perSample(NDArray output, Label label) {
    return LOSS.call(label.target(), label.weight(), output);
  }
}
