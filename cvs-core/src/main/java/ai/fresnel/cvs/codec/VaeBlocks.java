package ai.fresnel.cvs.codec;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import java.util.Locale;

/** The parts of a KL-VAE that no other network has. */
final class VaeBlocks {

  private VaeBlocks() {}

  /**
   * Half the resolution, by a stride of two on a map padded at the right and at the bottom only, as
   * the reference does it: (N, C, H, W) to (N, C, H/2, W/2).
   */
  static final class Down extends FusedBlock {

    private final int channels;

    Down(int channels) {
      this.channels = channels;
      Product conv = Product.convolution("conv", channels, channels, 3);
      String padded = "torch.constant_pad_nd(x, [0, 1, 0, 1], 0.)";
      define("x", "return " + product(conv.halving().withoutPadding()).of(padded));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      Shape x = inputShapes[0];
      return new Shape[] {new Shape(x.get(0), channels, x.get(2) / 2, x.get(3) / 2)};
    }
  }

  /**
   * The end of the encoder: mean and log variance of a normal distribution, (N, 2C, H, W), to the
   * mean, which is its mode, scaled: (N, C, H, W).
   */
  static final class Mode extends FusedBlock {

    private final int channels;

    Mode(int channels, double scale) {
      this.channels = channels;
      String moments = convolution("conv", 1, 2L * channels, 2L * channels, 1).of("x");
      define(
          "x",
          String.format(
              Locale.ROOT, "return torch.slice(%s, 1, 0, %d, 1) * %s", moments, channels, scale));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      Shape x = inputShapes[0];
      return new Shape[] {new Shape(x.get(0), channels, x.get(2), x.get(3))};
    }
  }

  /** The start of the decoder: states, (N, C, H, W), to what the decoder reads of latents. */
  static final class Unscale extends FusedBlock {

    Unscale(int channels, double scale) {
      String latent = String.format(Locale.ROOT, "(x / %s)", scale);
      define("x", "return " + convolution("conv", 1, channels, channels, 1).of(latent));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {inputShapes[0]};
    }
  }
}
