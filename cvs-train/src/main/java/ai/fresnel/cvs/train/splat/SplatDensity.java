package ai.fresnel.cvs.train.splat;

/**
 * How Gaussians are added, moved and removed.
 *
 * @param method the strategy
 * @param from the share of the run at which it begins, 0 to 1
 * @param until the share at which it ends, 0 to 1
 * @param every steps from one round to the next, 1 or more
 * @param gradient of {@code PUBLISHED}: the mean norm of the gradient by a Gaussian's place in the
 *     image, in halves of the image, above which it is cloned or split
 * @param noise of {@code MCMC}: noise of the means of Gaussians that are nearly transparent, a step
 *     at the first step's rate, in their own covariance
 */
public record SplatDensity(
    Method method, double from, double until, int every, double gradient, double noise) {

  /** Strategies. */
  public enum Method {
    /** Nothing is added or removed, but for transparent Gaussians at the end. */
    NONE,

    /**
     * Kerbl et al. 2023, section 5.2: Gaussians whose place is pulled hard are cloned if small and
     * split if large, transparent and giant ones removed.
     */
    PUBLISHED,

    /**
     * Kheradmand et al., "3D Gaussian Splatting as Markov Chain Monte Carlo", 2024: transparent
     * Gaussians move to opaque ones, such that the image stays; the means of nearly transparent
     * ones wander.
     */
    MCMC
  }

  /**
   * Checks the settings.
   *
   * @param method any
   * @param from as above
   * @param until as above
   * @param every as above
   * @param gradient above 0
   * @param noise 0 or more
   * @throws IllegalArgumentException if one is out of its range
   */
  public SplatDensity {
    java.util.Objects.requireNonNull(method, "method is null");
    SplatRates.require("from", from, 0, 1);
    SplatRates.require("until", until, 0, 1);
    SplatRates.require("every", every, 1, 1e9);
    SplatRates.require("gradient", gradient, Double.MIN_VALUE, 1e9);
    SplatRates.require("noise", noise, 0, 1e9);
  }

  /**
   * No strategy.
   *
   * @return the settings
   */
  public static SplatDensity none() {
    return new SplatDensity(Method.NONE, 0, 1, 100, 2e-4, 0);
  }

  /**
   * The published strategy, for runs of about a thousand steps.
   *
   * @return the settings
   */
  public static SplatDensity published() {
    return new SplatDensity(Method.PUBLISHED, 0.05, 0.6, 50, 2e-4, 0);
  }

  /**
   * Markov chain Monte Carlo, for runs of about a thousand steps.
   *
   * @return the settings
   */
  public static SplatDensity mcmc() {
    return new SplatDensity(Method.MCMC, 0.05, 0.8, 50, 2e-4, 1000);
  }

  /**
   * Returns the settings of a strategy for runs of about a thousand steps.
   *
   * @param method the strategy
   * @return the settings
   */
  public static SplatDensity of(Method method) {
    return switch (method) {
      case NONE -> none();
      case PUBLISHED -> published();
      case MCMC -> mcmc();
    };
  }

  /** Returns whether there is a round after a step, counted from 1. */
  boolean isDue(int step, int steps) {
    return method != Method.NONE
        && step % every == 0
        && step >= from * steps
        && step <= until * steps;
  }
}
