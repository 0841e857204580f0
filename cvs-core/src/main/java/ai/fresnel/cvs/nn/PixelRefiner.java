package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;

/**
 * Three convolutions at the image's own resolution that correct the U-Net's unfolded output. The
 * folded U-Net has one position for fold² pixels and at low noise must separate their noise from
 * their content in hardly more channels than they have values; two pixels on either side of a
 * fold's border are to it neighbours no nearer than the rest of both folds. Here a pixel sees its
 * neighbours, at a few channels' cost.
 *
 * <p>Inputs: the raw prediction F (N, C, S, S), the scaled noisy image (N, C, S, S) and the
 * embedding (N, D) after its SiLU, whose scales and shifts modulate both hidden layers. Output: F
 * plus the correction (N, C, S, S), zero before training.
 */
final class PixelRefiner extends FusedBlock {

  private final int image;
  private final int width;

  /**
   * @param image channels C of the image
   * @param width channels of the hidden layers
   * @param embedding width D of the embedding
   */
  PixelRefiner(int image, int width, int embedding) {
    this.image = image;
    this.width = width;
    Product enter = convolution("enter", 1, 2L * image, width, 3);
    Product mid = convolution("mid", 1, width, width, 3);
    Product leave = convolution("leave", 0, width, image, 3);
    Product modulation =
        product(Product.linear("modulation", embedding, 4L * width).withGain(0).ofVector());
    define(
        "f, x, embedding",
        String.join(
            "\n",
            "m = torch.unsqueeze(torch.unsqueeze(" + modulation.of("embedding") + ", 2), 3)",
            "m = torch.chunk(m, 4, 1)",
            "h = " + enter.of("torch.cat([f, x], 1)"),
            "h = torch.silu(torch.addcmul(h + m[1], h, m[0]))",
            "h = " + mid.of("h"),
            "h = torch.silu(torch.addcmul(h + m[3], h, m[2]))",
            "return f + " + leave.of("h")));
  }

  /** Counts what one sample of {@code side}² pixels keeps: twice convolution, modulation, SiLU. */
  ActivationCount activations(long side) {
    long pixels = side * side;
    return ActivationCount.of(
        0,
        (2L * image + 6L * width) * pixels,
        image * pixels,
        false,
        width * pixels,
        Weights.count(this));
  }

  @Override
  protected boolean isHidden() {
    return false;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
