package ai.fresnel.cvs.diffusion;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Wraps a denoiser as latent consistency models do (Luo et al., "Latent Consistency Models", 2023,
 * section 4.1), whose boundary is in timesteps:
 *
 * <pre>
 *   f(x, sigma) = cSkip * xVp + cOut * D(x, sigma),   xVp = x / sqrt(sigma^2 + 1)
 *   cSkip = d^2 / ((a * t)^2 + d^2),   cOut = a * t / sqrt((a * t)^2 + d^2)
 * </pre>
 *
 * <p>t is the timestep of sigma, a the scaling of timesteps and d the deviation. At timestep 0 it
 * is the state itself, of preserved variance. With the usual a = 10 and d = 0.5 it is nearly D from
 * timestep 1 up.
 *
 * @param denoiser D, any model; gradients flow through it
 * @param schedule the timesteps of sigmas
 * @param sigmaData d, above 0
 * @param timestepScaling a, above 0
 */
public record LatentConsistencyFunction(
    Denoiser denoiser, DiscreteSchedule schedule, double sigmaData, double timestepScaling)
    implements Denoiser {

  private static final TorchFunction SKIP =
      TorchFunction.of(
          "sigma: Tensor, t: Tensor, data: Tensor, scaling: Tensor",
          """
          s = t * float(scaling)
          v = float(data) * float(data)
          return torch.reciprocal((s * s + v) * torch.sqrt(sigma * sigma + 1.)) * v
          """);

  private static final TorchFunction OUT =
      TorchFunction.of(
          "t: Tensor, data: Tensor, scaling: Tensor",
          """
          s = t * float(scaling)
          return s / torch.sqrt(s * s + float(data) * float(data))
          """);

  /**
   * Checks the numbers.
   *
   * @param denoiser D
   * @param schedule the timesteps of sigmas
   * @param sigmaData the deviation
   * @param timestepScaling the scaling of timesteps
   * @throws IllegalArgumentException if one is not above 0
   */
  public LatentConsistencyFunction {
    if (!(sigmaData > 0 && Double.isFinite(sigmaData))) {
      throw new IllegalArgumentException("sigmaData is " + sigmaData + ", expected more than 0");
    }
    if (!(timestepScaling > 0 && Double.isFinite(timestepScaling))) {
      throw new IllegalArgumentException(
          "timestepScaling is " + timestepScaling + ", expected more than 0");
    }
  }

  /**
   * Wraps a denoiser with the usual boundary.
   *
   * @param denoiser D
   * @param schedule the timesteps of sigmas
   * @return the function with sigmaData 0.5 and timesteps times 10
   */
  public static LatentConsistencyFunction usual(Denoiser denoiser, DiscreteSchedule schedule) {
    return new LatentConsistencyFunction(denoiser, schedule, 0.5, 10);
  }

  /**
   * Takes states of any timestep to timestep 0 on one trajectory.
   *
   * @param x states in EDM time, (N, ...)
   * @param sigma the sigma of each sample, (N), those of the schedule's timesteps
   * @param conditioning the condition of the states
   * @return f(x, sigma), of x's shape, on x's manager
   */
  @Override
  public NDArray denoise(NDArray x, NDArray sigma, Conditioning conditioning) {
    try (ArrayScope scope = new ArrayScope(x)) {
      NDArray state = scope.view(x);
      NDArray s = scope.view(sigma);
      NDArray x0 = scope.view(denoiser.denoise(state, s, conditioning));
      NDArray t = TimestepRule.INTERPOLATED.timesteps(schedule, s);
      try (NDManager numbers = scope.manager().newSubManager(Device.cpu())) {
        NDArray data = numbers.create(sigmaData);
        NDArray scaling = numbers.create(timestepScaling);
        NDArray skip = SKIP.call(s, t, data, scaling);
        NDArray out = OUT.call(t, data, scaling);
        NDArray kept = state.mul(Broadcast.expand(skip, x));
        return scope.ret(kept.add(x0.mul(Broadcast.expand(out, x))));
      }
    }
  }
}
