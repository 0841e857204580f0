package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;

/**
 * A block of a vision transformer: self-attention, then an MLP of four times the width with GELU.
 * Each reads a layer norm of its input, is scaled by channel (LayerScale, Touvron et al. 2021) and
 * is added to the input.
 *
 * <p>Input and output: (N, L, D).
 */
final class VitBlock extends FusedBlock {

  /** DINOv2's layer norms have this eps, not the usual 1e-5. */
  static final double EPS = 1e-6;

  private static final int EXPANSION = 4;

  private final int width;

  /**
   * @param width D
   * @param heads attention heads, a divisor of D
   */
  VitBlock(int width, int heads) {
    this.width = width;
    long hidden = (long) EXPANSION * width;
    norm("norm1", width);
    Product qkv = linear("attn.qkv", 1, width, 3L * width);
    Product proj = linear("attn.proj", 1, width, width);
    ones("ls1.gamma", width);
    norm("norm2", width);
    Product fc1 = linear("mlp.fc1", 1, width, hidden);
    Product fc2 = linear("mlp.fc2", 1, hidden, width);
    ones("ls2.gamma", width);
    define(
        "x",
        String.join(
            "\n",
            "n = torch.size(x, 0)",
            "l = torch.size(x, 1)",
            "h = " + layerNorm("x", width, "norm1", EPS),
            SelfAttention.lines(qkv.of("h"), heads, width),
            "y = x + ls1_gamma * " + proj.of("a"),
            "h = torch.gelu(" + fc1.of(layerNorm("y", width, "norm2", EPS)) + ")",
            "return y + ls2_gamma * " + fc2.of("h")));
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
