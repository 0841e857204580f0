package ai.fresnel.cvs.train.schedule;

import ai.fresnel.cvs.diffusion.SampleNoise;

/**
 * Noise levels of stage 1: ln(sigma) is normal (Karras et al. 2022, table 1).
 *
 * @param mean the mean of ln(sigma); EDM's is −1.2 for small pictures
 * @param deviation its standard deviation, above 0; EDM's is 1.2
 */
public record LogNormalLevels(double mean, double deviation) {

  /**
   * Draws one level a sample.
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
}
