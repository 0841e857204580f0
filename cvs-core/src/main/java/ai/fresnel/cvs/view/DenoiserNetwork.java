package ai.fresnel.cvs.view;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Scaling;
import java.util.Set;

/**
 * Contract of a network in training: encode a condition, then predict. {@link ViewModel} is one; a
 * network over points of the plane is another, in the tests.
 */
public interface DenoiserNetwork extends Block {

  /**
   * Encodes what the network is conditioned on.
   *
   * @param store where the parameters' values are
   * @param context the raw conditions of N samples; may be empty
   * @return the conditioning, its arrays on the manager of the context's source
   */
  Conditioning condition(ParameterStore store, ViewContext context);

  /**
   * Runs the network once.
   *
   * @param store where the parameters' values are
   * @param scaledX the noisy state scaled to unit variance, (N, ...)
   * @param cNoise the transformed sigma, (N)
   * @param conditioning what {@link #condition} returned
   * @return the raw output F of EDM's equation 7, of scaledX's shape and on its manager
   */
  NDArray predict(ParameterStore store, NDArray scaledX, NDArray cNoise, Conditioning conditioning);

  /**
   * Runs the network once, with heads that it has beside its prediction.
   *
   * @param store where the parameters' values are
   * @param scaledX the noisy state scaled to unit variance, (N, ...)
   * @param cNoise the transformed sigma, (N)
   * @param conditioning what {@link #condition} returned
   * @param heads the names of those wanted
   * @return what {@link #predict} returns and each of these heads' output, all on scaledX's manager
   * @throws IllegalArgumentException if the network lacks one
   */
  default Outputs predict(
      ParameterStore store,
      NDArray scaledX,
      NDArray cNoise,
      Conditioning conditioning,
      Set<String> heads) {
    if (!heads.isEmpty()) {
      throw new IllegalArgumentException("heads are " + heads + ", expected none: there are none");
    }
    return Outputs.of(predict(store, scaledX, cNoise, conditioning));
  }

  /**
   * Makes a denoiser of this network.
   *
   * @param store where the parameters' values are
   * @param preconditioning the scales around the network
   * @return the preconditioned network
   */
  default Denoiser denoiser(ParameterStore store, Scaling preconditioning) {
    return preconditioning.wrap((x, cNoise, c) -> predict(store, x, cNoise, c));
  }
}
