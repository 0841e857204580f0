package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/** Where sampling starts: noise around the state that the condition expects, if it does. */
final class Prior {

  private Prior() {}

  /**
   * Makes the states that the first pass reads.
   *
   * @param scope owns the result
   * @param noise standard normal, (N, ...)
   * @param sigma scales the noise, 0 or more
   * @param conditioning the condition of the samples
   * @return {@link Conditioning#mean} + sigma * noise, of noise's shape
   */
  static NDArray start(ArrayScope scope, NDArray noise, double sigma, Conditioning conditioning) {
    NDArray x = scope.view(noise).mul((float) sigma);
    return conditioning.keptMean(scope.manager()).map(x::add).orElse(x);
  }
}
