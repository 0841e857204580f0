package ai.fresnel.cvs.codec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.torch.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * TAESD (Bohan 2023), a tiny autoencoder distilled from latent diffusion's, as a codec. It decodes
 * with about a twentieth of the work and less detail. Its latents are states as they are. Latents
 * are bounded by 3·tanh(x/3) before they are decoded.
 *
 * <p>It is frozen. Encoding records no gradient; through decoding gradients reach the states.
 * Parameters have the published names, {@code encoder.layers.0.weight} and so on.
 */
public final class TinyVae extends LatentCodec {

  /** Maps that live at once: input, result and two inside of a residual block. */
  private static final long MAPS = 4;

  private final Half encoder;
  private final Half decoder;

  /**
   * Makes the autoencoder, without values.
   *
   * @param config its shape
   * @param precision the type it computes in; parameters are float32
   */
  public TinyVae(AutoencoderConfig.Taesd config, Precision precision) {
    super(config, precision);
    encoder =
        addChildBlock(
            "encoder",
            Half.encoder(config.channels(), config.encoderBlocks(), config.latentChannels()));
    decoder =
        addChildBlock(
            "decoder",
            Half.decoder(config.channels(), config.decoderBlocks(), config.latentChannels()));
    freeze();
  }

  @Override
  public Map<String, NetworkBlock> blocks() {
    return Map.of("taesd", this);
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
        "encode", encoder.multiplyAdds(imageSize),
        "decode", decoder.multiplyAdds(imageSize));
  }

  /** {@inheritDoc} */
  @Override
  public long workingNumbers(int imageSize) {
    return MAPS * ((AutoencoderConfig.Taesd) config()).channels() * imageSize * imageSize;
  }

  /** An encoder or a decoder: all of it is one script, so libtorch frees each map at once. */
  private static final class Half extends FusedBlock {

    private final boolean encodes;
    private final int out;
    private final int levels;
    private final StringBuilder script = new StringBuilder();

    /** The level of the result of each product: (S / 2^level)² positions. */
    private final List<Integer> at = new ArrayList<>();

    private int layer;
    private int level;

    private Half(boolean encodes, int out, int levels) {
      this.encodes = encodes;
      this.out = out;
      this.levels = levels;
    }

    static Half encoder(int width, List<Integer> blocks, int latentChannels) {
      Half half = new Half(true, latentChannels, blocks.size());
      // Images in [-1, 1] to [0, 1].
      half.line("h = (x + 1.) / 2.");
      half.add(Product.convolution(half.name(), IMAGE_CHANNELS, width, 3));
      for (int i = 0; i < blocks.size(); i++) {
        if (i > 0) {
          half.level++;
          half.add(Product.convolution(half.name(), width, width, 3).halving().withoutBias());
        }
        half.addBlocks(blocks.get(i), width);
      }
      half.add(Product.convolution(half.name(), width, latentChannels, 3));
      return half.defined("h");
    }

    static Half decoder(int width, List<Integer> blocks, int latentChannels) {
      Half half = new Half(false, IMAGE_CHANNELS, blocks.size());
      half.level = blocks.size() - 1;
      half.line("h = torch.tanh(x / 3.) * 3.");
      half.add(Product.convolution(half.name(), latentChannels, width, 3));
      half.addLayer("h = torch.relu(h)");
      for (int i = 0; i < blocks.size(); i++) {
        if (i > 0) {
          half.level--;
          half.addLayer("h = torch.upsample_nearest2d(h, None, [2., 2.])");
          half.add(Product.convolution(half.name(), width, width, 3).withoutBias());
        }
        half.addBlocks(blocks.get(i), width);
      }
      half.add(Product.convolution(half.name(), width, IMAGE_CHANNELS, 3));
      // Images in [0, 1] to [-1, 1].
      return half.defined("h * 2. - 1.");
    }

    private String name() {
      return "layers." + layer;
    }

    private void line(String line) {
      script.append(line).append('\n');
    }

    private void addLayer(String line) {
      line(line);
      layer++;
    }

    private void add(Product convolution) {
      addLayer("h = " + counted(convolution).of("h"));
    }

    /** Adds residual blocks of three convolutions with ReLU. */
    private void addBlocks(int count, int width) {
      for (int i = 0; i < count; i++) {
        for (int conv = 0; conv <= 4; conv += 2) {
          Product product = Product.convolution(name() + ".conv." + conv, width, width, 3);
          line("y = " + counted(product).of(conv == 0 ? "h" : "torch.relu(y)"));
        }
        addLayer("h = torch.relu(y + h)");
      }
    }

    private Product counted(Product convolution) {
      at.add(level);
      return product(convolution);
    }

    private Half defined(String result) {
      define("x", script + "return " + result);
      return this;
    }

    long multiplyAdds(int imageSize) {
      long total = 0;
      for (int i = 0; i < at.size(); i++) {
        long side = imageSize >> at.get(i);
        total += products().get(i).multiplyAdds(side * side);
      }
      return total;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      Shape x = inputShapes[0];
      int factor = 1 << (levels - 1);
      long height = encodes ? x.get(2) / factor : x.get(2) * factor;
      long width = encodes ? x.get(3) / factor : x.get(3) * factor;
      return new Shape[] {new Shape(x.get(0), out, height, width)};
    }
  }
}
