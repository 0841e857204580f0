package ai.fresnel.cvs.codec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Chain;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import ai.fresnel.cvs.nn.Convolution;
import ai.fresnel.cvs.nn.OutputHead;
import ai.fresnel.cvs.nn.Resample;
import ai.fresnel.cvs.nn.ResidualBlock;
import ai.fresnel.cvs.torch.Precision;
import java.util.List;
import java.util.Map;

/**
 * The autoencoder of latent diffusion (Rombach et al. 2022) as a codec: images (N, 3, S, S) to
 * states (N, C, S/f, S/f), where f is the {@linkplain AutoencoderConfig#factor factor}, 8 in the
 * published one. A state is the mode of the latent's distribution times the scale, 0.18215 in the
 * published one.
 *
 * <p>It is frozen. Encoding records no gradient; through decoding gradients reach the states.
 */
public final class KlVae extends LatentCodec {

  /** Maps of a residual block that live at once, beside its input and its result. */
  private static final long MAPS_INSIDE = 3;

  private final Chain encoder = new Chain();
  private final Chain decoder = new Chain();

  /**
   * Makes the autoencoder, without values.
   *
   * @param config its shape
   * @param precision the type it computes in; parameters are float32. Activations of the published
   *     one exceed float16, so {@link Precision#FLOAT16} is taken as float32
   */
  public KlVae(AutoencoderConfig.KlVae config, Precision precision) {
    super(config, precision == Precision.FLOAT16 ? Precision.FLOAT32 : precision);
    List<Integer> channels = config.channels();
    Norm norm = config.norm();
    int last = channels.size() - 1;

    int width = channels.get(0);
    encoder.add("in", new Convolution(IMAGE_CHANNELS, width));
    for (int level = 0; level <= last; level++) {
      for (int i = 0; i < config.blocks(); i++) {
        encoder.add("down" + level + "_block" + i, residual(width, channels.get(level), norm));
        width = channels.get(level);
      }
      if (level < last) {
        encoder.add("down" + level + "_resample", new VaeBlocks.Down(width));
      }
    }
    addMiddle(encoder, width, norm);
    encoder.add("out", new OutputHead(width, 2 * config.latentChannels(), norm));
    encoder.add("quant", new VaeBlocks.Mode(config.latentChannels(), config.scale()));

    decoder.add("quant", new VaeBlocks.Unscale(config.latentChannels(), config.scale()));
    decoder.add("in", new Convolution(config.latentChannels(), width));
    addMiddle(decoder, width, norm);
    for (int level = last; level >= 0; level--) {
      for (int i = 0; i <= config.blocks(); i++) {
        decoder.add("up" + level + "_block" + i, residual(width, channels.get(level), norm));
        width = channels.get(level);
      }
      if (level > 0) {
        decoder.add("up" + level + "_resample", Resample.up(width));
      }
    }
    decoder.add("out", new OutputHead(width, IMAGE_CHANNELS, norm));
    addChildBlock("encoder", encoder);
    addChildBlock("decoder", decoder);
    freeze();
  }

  private static FusedBlock residual(int in, int out, Norm norm) {
    return new ResidualBlock(in, 0, out, norm);
  }

  private static void addMiddle(Chain chain, int width, Norm norm) {
    chain.add("middle_block0", residual(width, width, norm));
    chain.add("middle_attention0", new VaeAttention(width, norm));
    chain.add("middle_block1", residual(width, width, norm));
  }

  @Override
  public Map<String, NetworkBlock> blocks() {
    return Map.of("vae", this);
  }

  @Override
  NDArray encode(ParameterStore store, NDManager manager, NDArray images) {
    return encoder.apply(store, manager, images);
  }

  @Override
  NDArray decode(ParameterStore store, NDManager manager, NDArray states) {
    return decoder.apply(store, manager, states);
  }

  /** {@inheritDoc} */
  @Override
  public Map<String, Long> multiplyAdds(int imageSize) {
    return Map.of(
        "encode", multiplyAdds(encoder, IMAGE_CHANNELS, imageSize),
        "decode", multiplyAdds(decoder, config().latentChannels(), imageSize / config().factor()));
  }

  /** {@inheritDoc} */
  @Override
  public long workingNumbers(int imageSize) {
    return Math.max(
        workingNumbers(encoder, IMAGE_CHANNELS, imageSize),
        workingNumbers(decoder, config().latentChannels(), imageSize / config().factor()));
  }

  /** All results of blocks, which live until the last, and the maps inside the largest. */
  private static long workingNumbers(Chain chain, int channels, int side) {
    long total = 0;
    long largest = 0;
    Shape[] shapes = {new Shape(1, channels, side, side)};
    for (FusedBlock block : chain.blocks()) {
      shapes = block.getOutputShapes(shapes);
      total += shapes[0].size();
      largest = Math.max(largest, shapes[0].size());
    }
    return total + MAPS_INSIDE * largest;
  }

  private static long multiplyAdds(Chain chain, int channels, int side) {
    long total = 0;
    Shape[] shapes = {new Shape(1, channels, side, side)};
    for (FusedBlock block : chain.blocks()) {
      shapes = block.getOutputShapes(shapes);
      long positions = shapes[0].get(2) * shapes[0].get(3);
      total +=
          block instanceof VaeAttention attention
              ? attention.multiplyAdds(positions)
              : block.multiplyAddsAt(positions);
    }
    return total;
  }
}
