package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Weights;

/**
 * The last convolution with its norm, and beside it a linear path from the network's input with a
 * gain a channel that depends on the noise level. At low noise the target of F is minus the noise
 * itself, pixel for pixel: fold² times the picture's channels of it would otherwise have to pass
 * unharmed through a width of hardly twice as many, and what does not is left in the picture as
 * pixel noise. The path starts as the identity with gains of zero.
 *
 * <p>Inputs: x (N, in, H, W), the network's own input (N, state, H, W) and the embedding (N, D)
 * after its SiLU. Output: (N, out, H, W), zero before training.
 */
final class OutputHead extends FusedBlock {

  private final int in;
  private final int state;
  private final int out;
  private final int embedding;

  OutputHead(int in, int state, int out, int embedding, int groups) {
    this.in = in;
    this.state = state;
    this.out = out;
    this.embedding = embedding;
    norm("norm", in);
    convolution("conv", 0, in, out, 3);
    linear("gain", 0, embedding, state);
    identity("linear.weight", state, out, 3);
    define(
        "x, state, embedding",
        String.join(
            "\n",
            "h = torch.silu(" + groupNorm("x", groups, "norm") + ")",
            "g = torch.unsqueeze(torch.unsqueeze(" + linear("embedding", "gain") + ", 2), 3)",
            "s = torch.conv2d(state * g, linear_weight, None, [1, 1], [1, 1], [1, 1], 1)",
            "return s + " + convolution("h", "conv", 3, 1)));
  }

  long multiplyAdds(long side) {
    return 9L * (in + state) * out * side * side + (long) embedding * state;
  }

  /** What one sample keeps: norm, SiLU, the state with its gain. */
  KeptNumbers kept(long side) {
    long positions = side * side;
    return KeptNumbers.of(
        0,
        (2L * in + state) * positions,
        out * positions,
        false,
        Math.max(in, state) * positions,
        Weights.count(this));
  }

  @Override
  protected boolean isHidden() {
    return false;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    return new Shape[] {new Shape(x.get(0), out, x.get(2), x.get(3))};
  }
}
