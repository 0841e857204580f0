package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchOps;
import java.util.Arrays;

/**
 * The noise of a model that was trained on discrete timesteps with preserved variance (Ho et al.,
 * "Denoising Diffusion Probabilistic Models", 2020), said in EDM time.
 *
 * <p>At timestep t such a model sees {@code xVp = sqrt(aBar) * x0 + sqrt(1 - aBar) * noise}, where
 * aBar is the product of {@code 1 - beta} up to t. Divided by {@code sqrt(aBar)} this is {@code x =
 * x0 + sigma * noise} with
 *
 * <pre>
 *   sigma = sqrt((1 - aBar) / aBar),   aBar = 1 / (sigma^2 + 1),   xVp = x / sqrt(sigma^2 + 1)
 * </pre>
 *
 * <p>exactly, so solvers and samplers need to know nothing of it. Sigmas rise with t. Between two
 * timesteps ln(sigma) is linear in t. Immutable.
 */
public final class DiscreteSchedule {

  private static final int MAX_TIMESTEPS = 100_000;

  /** Timesteps this close to a whole one are that one: float32 sigmas resolve 1e-5 of a step. */
  static final double WHOLE = 1e-3;

  private static final DiscreteSchedule LATENT_DIFFUSION = scaledLinear(0.00085, 0.012, 1000);

  private final double[] sigmas;
  private final double[] logSigmas;

  private DiscreteSchedule(double[] betas) {
    sigmas = new double[betas.length];
    logSigmas = new double[betas.length];
    double aBar = 1;
    for (int t = 0; t < betas.length; t++) {
      aBar *= 1 - betas[t];
      sigmas[t] = Math.sqrt((1 - aBar) / aBar);
      logSigmas[t] = Math.log(sigmas[t]);
    }
  }

  /**
   * Makes the schedule whose square roots of beta are linear in t: {@code scaled_linear} of
   * diffusers, {@code linear} of latent diffusion.
   *
   * @param betaStart beta at timestep 0, in (0, 1)
   * @param betaEnd beta at the last timestep, in (0, 1), not below betaStart
   * @param timesteps number of timesteps, 2 to 100,000
   * @return the schedule
   * @throws IllegalArgumentException if a value is out of range
   */
  public static DiscreteSchedule scaledLinear(double betaStart, double betaEnd, int timesteps) {
    if (timesteps < 2 || timesteps > MAX_TIMESTEPS) {
      throw new IllegalArgumentException(
          "timesteps is " + timesteps + ", expected 2 to " + MAX_TIMESTEPS);
    }
    double low = Math.sqrt(betaStart);
    double high = Math.sqrt(betaEnd);
    double[] betas = new double[timesteps];
    for (int t = 0; t < timesteps; t++) {
      double root = low + (high - low) * t / (timesteps - 1);
      betas[t] = root * root;
    }
    return of(betas);
  }

  /**
   * Makes the schedule of given betas.
   *
   * @param betas the variance that each timestep adds, each in (0, 1); 2 to 100,000
   * @return the schedule
   * @throws IllegalArgumentException if there are too few or too many, or one is out of range, or
   *     together they leave nothing of the signal
   */
  public static DiscreteSchedule of(double... betas) {
    if (betas.length < 2 || betas.length > MAX_TIMESTEPS) {
      throw new IllegalArgumentException(
          betas.length + " betas, expected 2 to " + MAX_TIMESTEPS + " timesteps");
    }
    for (int t = 0; t < betas.length; t++) {
      if (!(betas[t] > 0 && betas[t] < 1)) {
        throw new IllegalArgumentException(
            "beta of timestep " + t + " is " + betas[t] + ", expected more than 0 and less than 1");
      }
    }
    DiscreteSchedule schedule = new DiscreteSchedule(betas);
    if (!(schedule.sigma(betas.length - 1) < 1e6)) {
      throw new IllegalArgumentException(
          "betas end at sigma "
              + schedule.sigma(betas.length - 1)
              + ", expected less than 1e6: they leave nothing of the signal");
    }
    return schedule;
  }

  /**
   * Returns the schedule of latent diffusion, Stable Diffusion 1.x and Zero123.
   *
   * @return 1000 timesteps, square roots of beta linear from 0.00085 to 0.012; sigma 0.029 to 14.6
   */
  public static DiscreteSchedule latentDiffusion() {
    return LATENT_DIFFUSION;
  }

  /**
   * Counts the timesteps.
   *
   * @return T; timesteps are 0 to T - 1
   */
  public int timesteps() {
    return sigmas.length;
  }

  /**
   * Returns the sigma of a timestep.
   *
   * @param timestep 0 to T - 1
   * @return sigma in EDM time
   * @throws IndexOutOfBoundsException if there is no such timestep
   */
  public double sigma(int timestep) {
    return sigmas[timestep];
  }

  /**
   * Returns the share of the signal's variance at a timestep, {@code alphas_cumprod} of diffusers.
   *
   * @param timestep 0 to T - 1
   * @return aBar, in (0, 1)
   * @throws IndexOutOfBoundsException if there is no such timestep
   */
  public double alphaBar(int timestep) {
    return 1 / (sigmas[timestep] * sigmas[timestep] + 1);
  }

  /**
   * Returns the timestep of a sigma, between two of them by ln(sigma).
   *
   * @param sigma in EDM time, above 0
   * @return 0 to T - 1; sigmas beyond the ends have the timestep of the end; sigmas of timesteps
   *     have exactly theirs, also after they were rounded to float32
   */
  public double timestep(double sigma) {
    double log = Math.log(sigma);
    int found = Arrays.binarySearch(logSigmas, log);
    if (found >= 0) {
      return found;
    }
    int above = Math.min(Math.max(-found - 1, 1), sigmas.length - 1);
    double low = logSigmas[above - 1];
    double share = (log - low) / (logSigmas[above] - low);
    double t = above - 1 + Math.min(Math.max(share, 0), 1);
    return Math.abs(t - Math.rint(t)) < WHOLE ? Math.rint(t) : t;
  }

  /**
   * Makes the grid of a sampler that ends at the sigma of timestep 0, as latent diffusion's does
   * and diffusers' where {@code set_alpha_to_one} is false.
   *
   * @param spacing the choice of timesteps
   * @param steps number of steps asked for, at least 1
   * @return the sigmas of the chosen timesteps, then that of timestep 0 if it is not among them
   * @throws IllegalArgumentException if the spacing cannot choose so many
   */
  public SigmaGrid grid(TimestepSpacing spacing, int steps) {
    double[] chosen = chosen(spacing, steps);
    boolean ends = chosen[chosen.length - 1] == sigmas[0];
    if (!ends) {
      chosen = Arrays.copyOf(chosen, chosen.length + 1);
      chosen[chosen.length - 1] = sigmas[0];
    }
    return SigmaGrid.of(chosen);
  }

  /**
   * Makes the grid of a sampler that ends at sigma 0, as diffusers' does where {@code
   * set_alpha_to_one} is true, and for Euler's method and DPM-Solver++ by default.
   *
   * @param spacing the choice of timesteps
   * @param steps number of steps asked for, at least 1
   * @return the sigmas of the chosen timesteps, then 0
   * @throws IllegalArgumentException if the spacing cannot choose so many
   */
  public SigmaGrid gridToZero(TimestepSpacing spacing, int steps) {
    double[] chosen = chosen(spacing, steps);
    return SigmaGrid.of(Arrays.copyOf(chosen, chosen.length + 1));
  }

  private double[] chosen(TimestepSpacing spacing, int steps) {
    return Arrays.stream(spacing.timesteps(timesteps(), steps)).mapToDouble(this::sigma).toArray();
  }

  /**
   * Makes the states that sampling starts from. In the model's own terms they are the noise itself,
   * as if nothing of the signal were left, so their deviation is a little above sigma.
   *
   * @param noise standard normal, (N, ...)
   * @param sigma the first sigma of the grid
   * @return {@code sqrt(sigma^2 + 1) * noise}, in EDM time
   */
  public NDArray prior(NDArray noise, double sigma) {
    return fromVariancePreserving(noise, sigma);
  }

  /**
   * Brings states from the model's own terms into EDM time.
   *
   * @param xVp states of preserved variance, (N, ...)
   * @param sigma their sigma in EDM time
   * @return {@code sqrt(sigma^2 + 1) * xVp}
   */
  public NDArray fromVariancePreserving(NDArray xVp, double sigma) {
    return TorchOps.scale(xVp, Math.sqrt(sigma * sigma + 1));
  }

  /**
   * Brings states into the model's own terms. The reference's sampler hands these to the decoder,
   * its last sigma not being 0.
   *
   * @param x states in EDM time, (N, ...)
   * @param sigma their sigma
   * @return {@code x / sqrt(sigma^2 + 1)}
   */
  public NDArray toVariancePreserving(NDArray x, double sigma) {
    return TorchOps.scale(x, 1 / Math.sqrt(sigma * sigma + 1));
  }

  /** Returns ln(sigma) of all timesteps. */
  double[] logSigmas() {
    return logSigmas.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DiscreteSchedule schedule && Arrays.equals(sigmas, schedule.sigmas);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sigmas);
  }

  @Override
  public String toString() {
    return "DiscreteSchedule[timesteps="
        + sigmas.length
        + ", sigma="
        + sigmas[0]
        + " to "
        + sigmas[sigmas.length - 1]
        + "]";
  }
}
