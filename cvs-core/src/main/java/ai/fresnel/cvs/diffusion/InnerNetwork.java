package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * The network inside {@link Scaling}: F in EDM's equation 7. It reads cNoise, never sigma itself.
 */
@FunctionalInterface
public interface InnerNetwork {

  /**
   * Runs the network once.
   *
   * @param scaledX the noisy states scaled to unit variance, {@code cIn * x}, (N, ...)
   * @param cNoise the transformed sigma of each sample, {@code ln(sigma) / 4}, (N)
   * @param conditioning the condition of the states; never null
   * @return F, of scaledX's shape
   */
  NDArray predict(NDArray scaledX, NDArray cNoise, Conditioning conditioning);
}
