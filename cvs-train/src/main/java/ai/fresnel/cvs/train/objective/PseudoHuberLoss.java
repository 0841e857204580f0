package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The pseudo-Huber distance √(‖a − b‖² + c²) − c (Song and Dhariwal 2023, equation 8) with c =
 * 0.00054·√dimensions, weighted and averaged over samples. It is quadratic for small distances; for
 * large ones, all samples pull equally hard.
 *
 * <p>Target: (N, ...). Output: f(x, sigma) (N, ...).
 */
public final class PseudoHuberLoss extends TargetLoss {

  /** The factor of c in the paper. */
  public static final double FACTOR = 0.00054;

  private static final TorchFunction LOSS =
      TorchFunction.of(
          "target: Tensor, weight: Tensor, prediction: Tensor",
          """
          d = torch.flatten(prediction - target, 1)
          c = %s * torch.sqrt(float(torch.size(d, 1)))
          return (torch.sqrt(torch.sum(d * d, [1]) + c * c) - c) * weight
          """
              .formatted(FACTOR));

  /** Creates the loss. */
  public PseudoHuberLoss() {
    super("pseudo_huber");
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, Label label) {
    return LOSS.call(label.target(), label.weight(), output);
  }
}
