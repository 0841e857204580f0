package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * A denoiser made to keep the boundary condition of consistency models (Song et al., "Consistency
 * Models", 2023, equation 5): {@code f(x, sigmaMin) = x} exactly, whatever the denoiser D.
 *
 * <pre>
 *   f(x, sigma) = bSkip * x + bOut * D(x, sigma)
 *   bSkip = sigmaMin / sigma,   bOut = 1 - sigmaMin / sigma
 * </pre>
 *
 * <p>This is Euler's step of the ODE from sigma to sigmaMin in one, so a diffusion model's weights
 * are a sensible start for a consistency model's, and above a few sigmaMin f and D nearly agree.
 *
 * <p>Where D is EDM-preconditioned, {@code D = cSkip * x + cOut * F(cIn * x, cNoise)}, the two fold
 * into one preconditioning of the same form, {@code f = (bSkip + bOut * cSkip) * x + (bOut * cOut)
 * * F(cIn * x, cNoise)}: f costs one network pass and no more.
 *
 * @param denoiser D, any model; gradients flow through it
 * @param sigmaMin the level at which f is the identity, above 0; f is not for lower levels
 */
public record ConsistencyFunction(Denoiser denoiser, double sigmaMin) implements Denoiser {

  /**
   * Checks the level.
   *
   * @param denoiser D
   * @param sigmaMin the least level
   * @throws IllegalArgumentException if sigmaMin is not above 0
   */
  public ConsistencyFunction {
    if (!(sigmaMin > 0 && Double.isFinite(sigmaMin))) {
      throw new IllegalArgumentException("sigmaMin is " + sigmaMin + ", expected more than 0");
    }
  }

  /**
   * The share of x in the result.
   *
   * @param sigma noise levels, (N)
   * @return {@code sigmaMin / sigma}, (N); exactly 1 at sigmaMin
   */
  public NDArray bSkip(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray s = scope.view(sigma);
      return scope.ret(s.onesLike().mul((float) sigmaMin).div(s));
    }
  }

  /**
   * The share of D in the result.
   *
   * @param sigma noise levels, (N)
   * @return {@code 1 - sigmaMin / sigma}, (N); exactly 0 at sigmaMin
   */
  public NDArray bOut(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray s = scope.view(sigma);
      return scope.ret(s.sub((float) sigmaMin).div(s));
    }
  }

  /**
   * Takes states of any level to sigmaMin on one trajectory.
   *
   * @param x states, (N, ...)
   * @param sigma their levels, (N), from sigmaMin up
   * @param conditioning what the states are conditioned on
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
