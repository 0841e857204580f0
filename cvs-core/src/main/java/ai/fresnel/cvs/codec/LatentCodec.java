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

  /**
   * Makes the codec.
   *
   * @param config its shape
   */
  LatentCodec(AutoencoderConfig config) {
    this.config = config;
  }

  /**
   * Makes the autoencoder of a configuration, without values.
   *
   * @param config its shape
   * @param precision the type it computes in
   * @return the codec
   */
  static LatentCodec of(AutoencoderConfig config, Precision precision) {
    if (config instanceof AutoencoderConfig.KlVae kl) {
      return new KlVae(kl, precision);
    }
    return new TinyVae((AutoencoderConfig.Taesd) config, precision);
  }

  /**
   * Returns the shape of the autoencoder.
   *
   * @return its configuration
   */
  public final AutoencoderConfig config() {
    return config;
  }

  /** {@inheritDoc} */
  @Override
  public final Shape stateShape(Shape image) {
    int factor = config.factor();
    return new Shape(config.latentChannels(), image.get(1) / factor, image.get(2) / factor);
  }

  /** {@inheritDoc} */
  @Override
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
