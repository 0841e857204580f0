package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;

/**
 * Says of each position of a feature map how true the picture looks there, knowing the noise level:
 * three convolutions of {@value #WIDTH} channels. Inputs: features (N, C, H, W) and the transformed
 * noise level (N). Output: (N, H·W), above 0 for true.
 */
final class DiscriminatorHead extends FusedBlock {

  private static final int WIDTH = 64;

  /**
   * @param channels C
   */
  DiscriminatorHead(int channels) {
    convolution("enter", 1, channels, WIDTH, 1);
    linear("level", 1, 1, WIDTH);
    convolution("mid", 1, WIDTH, WIDTH, 3);
    convolution("leave", 0.1, WIDTH, 1, 1);
    define(
        "x, level",
        String.join(
            "\n",
            "v = " + linear("torch.unsqueeze(level, 1)", "level"),
            "h = " + convolution("x", "enter", 1, 1),
            "h = h + torch.unsqueeze(torch.unsqueeze(v, 2), 3)",
            "h = " + convolution("torch.leaky_relu(h, 0.2)", "mid", 3, 1),
            "h = " + convolution("torch.leaky_relu(h, 0.2)", "leave", 1, 1),
            "return torch.flatten(h, 1)"));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    return new Shape[] {new Shape(x.get(0), x.get(2) * x.get(3))};
  }
}
