package ai.fresnel.cvs.train.schedule;

import ai.fresnel.cvs.diffusion.SampleNoise;

/**
 * Sigmas whose ln(sigma) is normal (Karras et al. 2022, table 1).
 *
 * @param mean the mean of ln(sigma); EDM's is −1.2 for small images
 * @param deviation its standard deviation, above 0; EDM's is 1.2
 */
public record LogNormalSigmas(double mean, double deviation) {

  private static final int TRIES = 16;

  /**
   * Draws one sigma a sample.
   *
   * @param seeds one a sample
   * @param stream which of a sample's streams of numbers to use
   * @return sigma of each sample
   */
  public double[] draw(long[] seeds, int stream) {
    double[] sigmas = new double[seeds.length];
    for (int i = 0; i < seeds.length; i++) {
      sigmas[i] = Math.exp(mean + deviation * SampleNoise.normal(seeds[i], stream, 1)[0]);
    }
    return sigmas;
  }

  /**
   * Draws one sigma a sample, those outside of a range again.
   *
   * @param seeds one a sample
   * @param stream which of a sample's streams of numbers to use
   * @param least the lowest sigma, above 0
   * @param most the highest sigma, above the lowest
   * @return sigma of each sample, from the lowest to the highest
   */
  public double[] drawWithin(long[] seeds, int stream, double least, double most) {
    double[] sigmas = new double[seeds.length];
    for (int i = 0; i < seeds.length; i++) {
      float[] normal = SampleNoise.normal(seeds[i], stream, TRIES);
      double sigma = 0;
      for (int t = 0; t < TRIES && !(sigma >= least && sigma <= most); t++) {
        sigma = Math.exp(mean + deviation * normal[t]);
      }
      // A distribution that misses the range gives its ends.
      sigmas[i] = Math.min(most, Math.max(least, sigma));
    }
    return sigmas;
  }
}
