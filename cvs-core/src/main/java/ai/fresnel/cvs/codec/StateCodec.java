package ai.fresnel.cvs.codec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import java.util.Map;

/**
 * Encodes images to the states that are diffused, and decodes them. Only the codec knows a state's
 * number of channels, the meaning of its values and its size.
 */
public interface StateCodec {

  /**
   * Makes the codec of a model, without the values of an autoencoder.
   *
   * @param config the model's configuration
   * @param precision the type that an autoencoder computes in
   * @return the codec
   */
  static StateCodec of(ModelConfig config, Precision precision) {
    return config
        .codec()
        .autoencoder()
        .<StateCodec>map(autoencoder -> LatentCodec.of(autoencoder, precision))
        .orElseGet(() -> of(config));
  }

  /**
   * Makes the codec of a model that diffuses images.
   *
   * @param config the model's configuration
   * @return the codec
   * @throws IllegalArgumentException if the model has an autoencoder, whose values it holds
   */
  static StateCodec of(ModelConfig config) {
    if (config.codec().autoencoder().isPresent()) {
      throw new IllegalArgumentException(
          config.name() + " has an autoencoder, expected a model that diffuses images");
    }
    double gain = config.codec().chromaGain();
    return gain == 1 ? identity() : new ChromaCodec(gain);
  }

  /**
   * Returns the codec of models that diffuse images as they are.
   *
   * @return a codec that returns its input
   */
  static StateCodec identity() {
    return IdentityCodec.INSTANCE;
  }

  /**
   * Returns the networks that the codec runs.
   *
   * @return the names that lead to their parameters; none unless the codec is an autoencoder
   */
  default Map<String, NetworkBlock> blocks() {
    return Map.of();
  }

  /** Stores weights in the precision that they are computed in, for inference alone. */
  default void narrow() {}

  /**
   * Counts multiply-adds of the codec's networks for one image.
   *
   * @param imageSize S
   * @return {@code encode} and {@code decode}; nothing unless the codec is an autoencoder
   */
  default Map<String, Long> multiplyAdds(int imageSize) {
    return Map.of();
  }

  /**
   * Encodes images.
   *
   * @param images (N, C, S, S) in [-1, 1]
   * @return the states, (N, ...), on the images' manager; the images themselves if nothing changes
   */
  NDArray encode(NDArray images);

  /**
   * Decodes states.
   *
   * @param states (N, ...)
   * @return the images, (N, C, S, S), in [-1, 1] where the states were clean, on the states'
   *     manager; the states themselves if nothing changes
   */
  NDArray decode(NDArray states);

  /**
   * Returns the shape of a state.
   *
   * @param image the shape of an image, (C, S, S)
   * @return the shape of its state
   */
  default Shape stateShape(Shape image) {
    return image;
  }
}
