package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * The range of sigmas of a model, in EDM time (Karras et al., "Elucidating the Design Space of
 * Diffusion-Based Generative Models", 2022, table 1): {@code x = x0 + sigma * noise} with sigma
 * from {@code sigmaMin} to {@code sigmaMax}. Models trained on discrete timesteps with preserved
 * variance have a {@link DiscreteSchedule}.
 *
 * @param sigmaMin the least sigma, above 0, in units of x
 * @param sigmaMax the greatest sigma, above sigmaMin, in units of x
 * @param rho the warp of a grid between the two, at least 1; a greater rho puts more sigmas at low
 *     noise
 */
public record NoiseSchedule(double sigmaMin, double sigmaMax, double rho) {

  private static final NoiseSchedule EDM = new NoiseSchedule(0.002, 80, 7);

  /**
   * Checks the values.
   *
   * @param sigmaMin the least sigma
   * @param sigmaMax the greatest sigma
   * @param rho the warp
   * @throws IllegalArgumentException if one is out of its range or not finite
   */
  public NoiseSchedule {
    if (!(sigmaMin > 0 && sigmaMin < sigmaMax && Double.isFinite(sigmaMax))) {
      throw new IllegalArgumentException(
          "sigmaMin " + sigmaMin + ", sigmaMax " + sigmaMax + ": expected 0 < sigmaMin < sigmaMax");
    }
    if (!(rho >= 1 && Double.isFinite(rho))) {
      throw new IllegalArgumentException("rho is " + rho + ", expected 1 or more");
    }
  }

  /**
   * Returns EDM's schedule.
   *
   * @return sigmaMin 0.002, sigmaMax 80, rho 7
   */
  public static NoiseSchedule edm() {
    return EDM;
  }

  /**
   * Returns the sigma at a position on the warped axis (EDM, equation 5).
   *
   * @param fraction from 0 (sigmaMax) to 1 (sigmaMin)
   * @return sigma; exactly sigmaMax and sigmaMin at the ends
   * @throws IllegalArgumentException if the fraction is outside 0 to 1
   */
  public double sigma(double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("fraction is " + fraction + ", expected 0 to 1");
    }
    // Return the ends exactly: boundary conditions compare with them.
    if (fraction == 0) {
      return sigmaMax;
    }
    if (fraction == 1) {
      return sigmaMin;
    }
    double top = Math.pow(sigmaMax, 1 / rho);
    double bottom = Math.pow(sigmaMin, 1 / rho);
    return Math.pow(top + fraction * (bottom - top), rho);
  }

  /**
   * Makes the states that sampling starts from.
   *
   * @param noise standard normal, (N, ...)
   * @return {@code sigmaMax * noise}
   */
  public NDArray prior(NDArray noise) {
    return noise.mul((float) sigmaMax);
  }

  /**
   * Makes noisy states.
   *
   * @param x0 clean states, (N, ...)
   * @param noise standard normal, of x0's shape
   * @param sigma the sigma of each sample, (N), in units of x0
   * @return {@code x0 + sigma * noise}, on x0's manager
   */
  public NDArray addNoise(NDArray x0, NDArray noise, NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(x0)) {
      NDArray scaled = scope.view(noise).mul(Broadcast.expand(scope.view(sigma), noise));
      return scope.ret(scope.view(x0).add(scaled));
    }
  }
}
