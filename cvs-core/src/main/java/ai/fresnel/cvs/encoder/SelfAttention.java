package ai.fresnel.cvs.encoder;

import java.util.Locale;

/** The self-attention that the vision transformers share, as lines of a block's script. */
final class SelfAttention {

  private SelfAttention() {}

  /**
   * Attends, before the projection of the result.
   *
   * @param qkv one product for q, k and v, (N, L, 3·width), as an expression over x (N, L, width)
   * @param heads attention heads, a divisor of the width
   * @param width channels
   * @return lines that read {@code n} and {@code l}, the sizes of x, and set {@code a}, (N, L,
   *     width)
   */
  static String lines(String qkv, int heads, int width) {
    return String.join(
        "\n",
        // Split into (3, N, heads, L, width of a head).
        String.format(
            Locale.ROOT,
            "qkv = torch.permute(torch.reshape(%s, [n, l, 3, %d, %d]), [2, 0, 3, 1, 4])",
            qkv,
            heads,
            width / heads),
        "a = torch.scaled_dot_product_attention(torch.select(qkv, 0, 0), "
            + "torch.select(qkv, 0, 1), torch.select(qkv, 0, 2))",
        "a = torch.reshape(torch.transpose(a, 1, 2), [n, l, " + width + "])");
  }
}
