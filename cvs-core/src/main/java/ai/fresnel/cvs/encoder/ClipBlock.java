package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;

/**
 * A block of CLIP's vision transformer: self-attention, then an MLP with the quick GELU, x ·
 * sigmoid(1.702 x), each on a layer norm of its input and added to it.
 *
 * <p>Input and output: (N, L, D).
 */
final class ClipBlock extends FusedBlock {

  private final int width;

  /**
   * @param width D
   * @param heads attention heads, a divisor of D
   * @param hidden width of the MLP
   */
  ClipBlock(int width, int heads, int hidden) {
    this.width = width;
    norm("norm1", width);
    Product qkv = linear("qkv", 1, width, 3L * width);
    Product attended = linear("out", 1, width, width);
    norm("norm2", width);
    Product fc1 = linear("fc1", 1, width, hidden);
    Product fc2 = linear("fc2", 1, hidden, width);
    define(
        "x",
        String.join(
            "\n",
            "n = torch.size(x, 0)",
            "l = torch.size(x, 1)",
            "h = " + layerNorm("x", width, "norm1", ClipVision.EPS),
            SelfAttention.lines(qkv.of("h"), heads, width),
            "y = x + " + attended.of("a"),
            "h = " + fc1.of(layerNorm("y", width, "norm2", ClipVision.EPS)),
            "h = h * torch.sigmoid(h * 1.702)",
            "return y + " + fc2.of("h")));
  }

  /** Counts the multiply-adds of one sample of {@code length} tokens. */
  long multiplyAdds(long length) {
    return multiplyAddsAt(length) + 2 * length * length * width;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
