package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * The one contract of the package: the expected clean state behind a noisy one.
 *
 * <p>For {@code x = x0 + sigma * noise}, a diffusion model's denoiser gives the mean of x0 given x;
 * a consistency model's gives one x0 on the trajectory through x. Samplers, solvers and losses do
 * not ask which of the two they hold, nor whether it is guided, averaged or imported.
 */
@FunctionalInterface
public interface Denoiser {

  /**
   * Denoises a batch.
   *
   * @param x the noisy states, (N, ...)
   * @param sigma the noise level of each sample, (N) float32, above 0, in units of x
   * @param conditioning what the states are conditioned on, of size N or empty; never null
   * @return x0, of x's shape; implementations put it on x's manager and nothing else
   */
  NDArray denoise(NDArray x, NDArray sigma, Conditioning conditioning);
}
