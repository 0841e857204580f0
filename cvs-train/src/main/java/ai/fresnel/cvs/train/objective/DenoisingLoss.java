package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The weighted squared error of a denoiser (Karras et al. 2022, equation 2), averaged over samples
 * and elements. With EDM's weight 1/cOut² every sigma counts the same, and the loss of an untrained
 * network is about 1.
 *
 * <p>Target: x0 (N, ...). Output: D(x, sigma) (N, ...).
 */
public final class DenoisingLoss extends TargetLoss {

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
  public NDArray perSample(NDArray output, Label label) {
    return LOSS.call(label.target(), label.weight(), output);
  }
}
