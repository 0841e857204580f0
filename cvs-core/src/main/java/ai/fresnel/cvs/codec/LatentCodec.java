package ai.fresnel.cvs.codec;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.torch.Precision;
import java.util.Map;

/**
 * A frozen autoencoder as a codec: RGB images (N, 3, S, S) to latents (N, C, S/f, S/f).
 *
 * <p>As a DJL block it encodes and decodes: (N, 3, S, S) to (N, 3, S, S).
 */
public abstract class LatentCodec extends NetworkBlock implements StateCodec {

  /** Channels of an image. */
  static final int IMAGE_CHANNELS = 3;

  private final AutoencoderConfig config;
  private final int latentChannels;

  /**
   * Makes the codec.
   *
   * @param config its shape
   * @param latentChannels C
   */
  LatentCodec(AutoencoderConfig config, int latentChannels) {
    this.config = config;
    this.latentChannels = latentChannels;
  }

  /**
   * Makes the autoencoder of a configuration, without values.
   *
   * @param config its shape
   * @param latentChannels C
   * @param precision the type it computes in
   * @return the codec
   */
  static LatentCodec of(AutoencoderConfig config, int latentChannels, Precision precision) {
    if (config instanceof AutoencoderConfig.KlVae kl) {
      return new KlVae(kl, latentChannels, precision);
    }
    return new TinyVae((AutoencoderConfig.Taesd) config, latentChannels, precision);
  }

  /**
   * Returns the shape of the autoencoder.
   *
   * @return its configuration
   */
  public final AutoencoderConfig config() {
    return config;
  }

  /**
   * Returns the channels of a latent.
   *
   * @return C
   */
  public final int latentChannels() {
    return latentChannels;
  }

  /** {@inheritDoc} */
  @Override
  public final Shape stateShape(Shape image) {
    int factor = config.factor();
    return new Shape(latentChannels, image.get(1) / factor, image.get(2) / factor);
  }

  /**
   * Counts multiply-adds of one image.
   *
   * @param imageSize S, a multiple of the factor
   * @return {@code encode} and {@code decode}
   */
  public abstract Map<String, Long> multiplyAdds(int imageSize);

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(decode(encode(inputs.get(0))));
  }

  @Override
  public final Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
