package ai.fresnel.cvs.train.splat;

/**
 * What an optimisation of Gaussians minimises, as weights: (1 - ssim)·L1 + ssim·(1 - SSIM) of a
 * view's image, and the other terms.
 *
 * @param ssim of structural similarity, 0 to 1; 0.2 is the published one
 * @param opacity of the mean opacity, which clears what no view needs; 0.01 is the published one of
 *     MCMC
 * @param scale of the mean standard deviation in units, likewise
 * @param depth of the mean difference from the depth maps of views that have one, in units
 */
public record SplatLosses(double ssim, double opacity, double scale, double depth) {

  /**
   * Checks the weights.
   *
   * @param ssim 0 to 1
   * @param opacity 0 to 1000
   * @param scale 0 to 1000
   * @param depth 0 to 1000
   * @throws IllegalArgumentException if one is out of its range
   */
  public SplatLosses {
    SplatRates.require("ssim", ssim, 0, 1);
    SplatRates.require("opacity", opacity, 0, 1000);
    SplatRates.require("scale", scale, 0, 1000);
    SplatRates.require("depth", depth, 0, 1000);
  }
}
