package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;

/**
 * The samples of a step of stage 2 with their target: what its labels are made of.
 *
 * @param samples the samples
 * @param target what f(x, sigma) should be, (N, ...)
 */
record ConsistencyStep(ConsistencySamples samples, NDArray target) {

  NoisySamples noisy() {
    return samples.noisy();
  }
}
