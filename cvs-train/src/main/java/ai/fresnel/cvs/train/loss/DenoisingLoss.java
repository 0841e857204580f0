package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The weighted squared error of a denoiser (Karras et al. 2022, equation 2), averaged over samples
 * and elements. With EDM's weight 1/cOut² every noise level counts the same and the loss of an
 * untrained network is about 1.
 *
 * <p>Labels: x0 (N, ...) and the weight (N). Predictions: D(x, sigma) (N, ...).
 */
public final class DenoisingLoss extends SampleLoss {

  private static final TorchFunction LOSS =
      TorchFunction.of(
          "target: Tensor, weight: Tensor, prediction: Tensor",
          """
          d = torch.flatten(prediction - target, 1)
          return torch.mean(d * d, [1]) * weight
          """);

  /** Creates the loss. */
  public DenoisingLoss() {
    super("denoising");
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDList labels, NDList predictions) {
    return LOSS.call(labels.get(0), labels.get(1), predictions.get(0));
  }
}
