package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.diffusion.SampleNoise;

/**
 * Chooses samples that learn to be drawn in one pass without noise: they start as a sampler does at
 * temperature 0.
 *
 * @param share of all samples, 0 to 1
 * @param sigmaMax the sigma that they read
 */
record OnePassSamples(double share, double sigmaMax) {

  /** Which samples are chosen, by their seeds. */
  boolean[] draw(long[] seeds) {
    boolean[] chosen = new boolean[seeds.length];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = SampleNoise.uniform(seeds[i], NoiseStreams.ONE_PASS, 1)[0] < share;
    }
    return chosen;
  }

  /** The sigmas with sigmaMax for those chosen. */
  double[] sigmas(boolean[] chosen, double[] drawn) {
    double[] sigmas = drawn.clone();
    for (int i = 0; i < sigmas.length; i++) {
      if (chosen[i]) {
        sigmas[i] = sigmaMax;
      }
    }
    return sigmas;
  }

  /** 1 for those chosen, else 0, (N). */
  static NDArray mask(NDManager manager, boolean[] chosen) {
    double[] mask = new double[chosen.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = chosen[i] ? 1 : 0;
    }
    return NoisySamples.numbers(manager, mask);
  }
}
