package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Wraps a denoiser so that it meets the boundary condition of consistency models (Song et al.,
 * "Consistency Models", 2023, equation 5): {@code f(x, sigmaMin) = x} exactly, for any denoiser D.
 *
 * <pre>
 *   f(x, sigma) = bSkip * x + bOut * D(x, sigma)
 *   bSkip = sigmaMin / sigma,   bOut = 1 - sigmaMin / sigma
 * </pre>
 *
 * <p>This is one Euler step of the ODE from sigma to sigmaMin. A diffusion model's weights are
 * therefore a sensible start for a consistency model. Above a few sigmaMin f and D nearly agree.
 *
 * <p>Where D is EDM-preconditioned, {@code D = cSkip * x + cOut * F(cIn * x, cNoise)}, the two fold
 * into one preconditioning of the same form, {@code f = (bSkip + bOut * cSkip) * x + (bOut * cOut)
 * * F(cIn * x, cNoise)}: f costs one network pass and no more.
 *
 * @param denoiser D, any model; gradients flow through it
 * @param sigmaMin the sigma at which f is the identity, above 0; f is not defined below it
 */
public record ConsistencyFunction(Denoiser denoiser, double sigmaMin) implements Denoiser {

  /**
   * Checks sigmaMin.
   *
   * @param denoiser D
   * @param sigmaMin the least sigma
   * @throws IllegalArgumentException if sigmaMin is not above 0
   */
  public ConsistencyFunction {
    if (!(sigmaMin > 0 && Double.isFinite(sigmaMin))) {
      throw new IllegalArgumentException("sigmaMin is " + sigmaMin + ", expected more than 0");
    }
  }

  /**
   * Returns the share of x in the result.
   *
   * @param sigma sigmas, (N)
   * @return {@code sigmaMin / sigma}, (N); exactly 1 at sigmaMin
   */
  public NDArray bSkip(NDArray sigma) {
    return of("return torch.full_like(s, %s) / s", sigma);
  }

  /**
   * Returns the share of D in the result.
   *
   * @param sigma sigmas, (N)
   * @return {@code 1 - sigmaMin / sigma}, (N); exactly 0 at sigmaMin
   */
  public NDArray bOut(NDArray sigma) {
    return of("return (s - %s) / s", sigma);
  }

  private NDArray of(String body, NDArray sigma) {
    return TorchFunction.of("s: Tensor", body.formatted(sigmaMin)).call(sigma);
  }

  /**
   * Takes states of any sigma to sigmaMin on one trajectory.
   *
   * @param x states, (N, ...)
   * @param sigma the sigma of each sample, (N), from sigmaMin up
   * @param conditioning the condition of the states
   * @return f(x, sigma), of x's shape, on x's manager
   */
  @Override
  public NDArray denoise(NDArray x, NDArray sigma, Conditioning conditioning) {
    try (ArrayScope scope = new ArrayScope(x)) {
      NDArray state = scope.view(x);
      NDArray s = scope.view(sigma);
      NDArray x0 = scope.view(denoiser.denoise(state, s, conditioning));
      NDArray skip = state.mul(Broadcast.expand(bSkip(s), x));
      return scope.ret(skip.add(x0.mul(Broadcast.expand(bOut(s), x))));
    }
  }
}
