package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * Predicts the clean state behind a noisy one. This is the one contract of the package.
 *
 * <p>For {@code x = x0 + sigma * noise}, a diffusion model's denoiser gives the mean of x0 given x;
 * a consistency model's gives one x0 on the trajectory through x. Samplers, solvers and losses do
 * not depend on which of the two they hold, nor on whether it is guided, averaged or imported.
 */
@FunctionalInterface
public interface Denoiser {

  /**
   * Denoises a batch.
   *
   * @param x the noisy states, (N, ...)
   * @param sigma the sigma of each sample, (N) float32, above 0, in units of x
   * @param conditioning the condition of the states, of size N or empty; never null
   * @return x0, of x's shape, the only array that implementations leave on x's manager
   */
  NDArray denoise(NDArray x, NDArray sigma, Conditioning conditioning);
}
