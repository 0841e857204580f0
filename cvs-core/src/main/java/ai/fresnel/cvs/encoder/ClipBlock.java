package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import java.util.Locale;

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
            // One product for q, k and v, split into (3, N, heads, L, width of a head).
            String.format(
                Locale.ROOT,
                "qkv = torch.permute(torch.reshape(%s, [n, l, 3, %d, %d]), [2, 0, 3, 1, 4])",
                qkv.of("h"),
                heads,
                width / heads),
            "a = torch.scaled_dot_product_attention(torch.select(qkv, 0, 0), "
                + "torch.select(qkv, 0, 1), torch.select(qkv, 0, 2))",
            "a = torch.reshape(torch.transpose(a, 1, 2), [n, l, " + width + "])",
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
