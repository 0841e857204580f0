package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/** A network as {@link Scaling} sees it: F in EDM's equation 7. It never sees sigma itself. */
@FunctionalInterface
public interface RawNetwork {

  /**
   * Runs the network once.
   *
   * @param scaledX the noisy states scaled to unit variance, {@code cIn * x}, (N, ...)
   * @param cNoise the transformed noise level of each sample, {@code ln(sigma) / 4}, (N)
   * @param conditioning what the states are conditioned on; never null
   * @return the raw output, of scaledX's shape
   */
  NDArray predict(NDArray scaledX, NDArray cNoise, Conditioning conditioning);
}
