package ai.fresnel.cvs.train.objective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The pseudo-Huber distance of single numbers, √((a − b)² + c²) − c, averaged over the numbers of a
 * sample: what latent consistency models are distilled with in diffusers. {@link PseudoHuberLoss}
 * is that of whole samples.
 *
 * <p>Target: (N, ...). Output: f(x, sigma) (N, ...).
 */
public final class HuberLoss extends TargetLoss {

  private static final TorchFunction LOSS =
      TorchFunction.of(
          "target: Tensor, weight: Tensor, prediction: Tensor, threshold: Tensor",
          """
          c = float(threshold)
          d = torch.flatten(prediction - target, 1)
          return torch.mean(torch.sqrt(d * d + c * c) - c, [1]) * weight
          """);

  private final double threshold;

  /**
   * Creates the loss.
   *
   * @param threshold c: distances below it count by their square, above it by themselves; more than
   *     0, in units of the state
   */
  public HuberLoss(double threshold) {
    super("huber");
    this.threshold = threshold;
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, Label label) {
    try (NDManager numbers = output.getManager().newSubManager(Device.cpu())) {
      return LOSS.call(label.target(), label.weight(), output, numbers.create(threshold));
    }
  }
}
