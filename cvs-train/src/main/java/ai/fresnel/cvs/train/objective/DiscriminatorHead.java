package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;

/**
 * Judges each position of a feature map, conditioned on sigma, with three convolutions of {@value
 * #WIDTH} channels. Inputs: features (N, C, H, W) and the transformed sigma (N). Output: logits (N,
 * H·W), above 0 for true.
 */
final class DiscriminatorHead extends FusedBlock {

  private static final int WIDTH = 64;

  /**
   * @param channels C
   */
  DiscriminatorHead(int channels) {
    Product enter = convolution("enter", 1, channels, WIDTH, 1);
    Product level = product(Product.linear("level", 1, WIDTH).ofVector());
    Product mid = convolution("mid", 1, WIDTH, WIDTH, 3);
    Product leave = convolution("leave", 0.1, WIDTH, 1, 1);
    define(
        "x, level",
        String.join(
            "\n",
            "v = " + level.of("torch.unsqueeze(level, 1)"),
            "h = " + enter.of("x"),
            "h = h + torch.unsqueeze(torch.unsqueeze(v, 2), 3)",
            "h = " + mid.of("torch.leaky_relu(h, 0.2)"),
            "h = " + leave.of("torch.leaky_relu(h, 0.2)"),
            "return torch.flatten(h, 1)"));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    return new Shape[] {new Shape(x.get(0), x.get(2) * x.get(3))};
  }
}
