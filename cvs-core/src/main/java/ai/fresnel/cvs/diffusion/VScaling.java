package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The scaling of a network that predicts {@code v = sqrt(aBar) * noise - sqrt(1 - aBar) * x0}
 * (Salimans and Ho, "Progressive Distillation for Fast Sampling of Diffusion Models", 2022) and was
 * trained on discrete timesteps with preserved variance.
 *
 * <pre>
 *   cSkip  = 1 / (sigma^2 + 1)
 *   cOut   = -sigma / sqrt(sigma^2 + 1)
 *   cIn    = 1 / sqrt(sigma^2 + 1)
 *   cNoise = the timestep of sigma
 *   lossWeight = (sigma^2 + 1) / sigma^2
 * </pre>
 *
 * <p>But for cNoise and the sign of cOut these are {@link EdmScaling EDM's} with sigmaData 1.
 *
 * @param schedule the sigmas of training
 * @param rule the timestep of a sigma between two of them
 */
public record VScaling(DiscreteSchedule schedule, TimestepRule rule) implements Scaling {

  private static final TorchFunction SKIP =
      TorchFunction.of("s: Tensor", "return torch.reciprocal(s * s + 1.)");
  private static final TorchFunction OUT =
      TorchFunction.of("s: Tensor", "return torch.neg(s / torch.sqrt(s * s + 1.))");
  private static final TorchFunction IN =
      TorchFunction.of("s: Tensor", "return torch.reciprocal(torch.sqrt(s * s + 1.))");
  private static final TorchFunction WEIGHT =
      TorchFunction.of("s: Tensor", "return torch.reciprocal(s * s) + 1.");

  /**
   * Reads sigmas between two timesteps by interpolation.
   *
   * @param schedule the sigmas of training
   */
  public VScaling(DiscreteSchedule schedule) {
    this(schedule, TimestepRule.INTERPOLATED);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cSkip(NDArray sigma) {
    return SKIP.call(sigma);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cOut(NDArray sigma) {
    return OUT.call(sigma);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cIn(NDArray sigma) {
    return IN.call(sigma);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cNoise(NDArray sigma) {
    return rule.timesteps(schedule, sigma);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray lossWeight(NDArray sigma) {
    return WEIGHT.call(sigma);
  }
}
