package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The scaling of a network that predicts the noise (eps) and was trained on discrete timesteps with
 * preserved variance (Ho et al. 2020): Stable Diffusion, Zero123.
 *
 * <pre>
 *   cSkip  = 1
 *   cOut   = -sigma
 *   cIn    = 1 / sqrt(sigma^2 + 1)
 *   cNoise = the timestep of sigma
 *   lossWeight = 1 / sigma^2
 * </pre>
 *
 * @param schedule the sigmas of training
 * @param rule the timestep of a sigma between two of them
 */
public record EpsScaling(DiscreteSchedule schedule, TimestepRule rule) implements Scaling {

  private static final TorchFunction SKIP =
      TorchFunction.of("s: Tensor", "return torch.ones_like(s)");
  private static final TorchFunction OUT = TorchFunction.of("s: Tensor", "return torch.neg(s)");
  private static final TorchFunction IN =
      TorchFunction.of("s: Tensor", "return torch.reciprocal(torch.sqrt(s * s + 1.))");
  private static final TorchFunction WEIGHT =
      TorchFunction.of("s: Tensor", "return torch.reciprocal(s * s)");

  /**
   * Reads sigmas between two timesteps by interpolation.
   *
   * @param schedule the sigmas of training
   */
  public EpsScaling(DiscreteSchedule schedule) {
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
