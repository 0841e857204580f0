package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Locale;

/**
 * Self-attention, cross-attention to the image tokens and a GEGLU feed-forward (Shazeer 2020), each
 * on a layer norm of its input and added to it: the basic block of latent diffusion's transformer
 * (Rombach et al. 2022).
 *
 * <p>A softmax over one token is 1, so cross-attention to it is the token's value, whatever the
 * query: a block made for one token computes it once a sample instead of at every position. Query,
 * key and norm are then parameters that files hold and nothing reads.
 *
 * <p>Inputs: x (N, L, C) and the tokens (N, S, T). Output: (N, L, C).
 */
final class TransformerBlock extends FusedBlock {

  /** Width of the feed-forward layer, as a multiple of C. */
  static final int EXPANSION = 4;

  private final int channels;
  private final int heads;
  private final boolean single;
  private final Product qkv;
  private final Product selfOut;
  private final Product query;
  private final Product keyValue;
  private final Product crossOut;
  private final Product gate;
  private final Product out;

  /**
   * @param channels C
   * @param tokenChannels T
   * @param heads attention heads, a divisor of C
   * @param tokens S that it is made for; it takes any number
   */
  TransformerBlock(int channels, int tokenChannels, int heads, int tokens) {
    this.channels = channels;
    this.heads = heads;
    single = tokens == 1;
    int hidden = EXPANSION * channels;
    norm("norm1", channels);
    qkv = product(Product.linear("self.qkv", channels, 3L * channels).withoutBias().stacked(3));
    selfOut = linear("self.out", 0.5, channels, channels);
    norm("norm2", channels);
    query = product(Product.linear("cross.q", channels, channels).withoutBias());
    keyValue =
        product(Product.linear("cross.kv", tokenChannels, 2L * channels).withoutBias().stacked(2));
    crossOut = linear("cross.out", 0.5, channels, channels);
    norm("norm3", channels);
    gate = linear("gate", 1, channels, 2L * hidden);
    out = linear("out", 0.5, hidden, channels);
    define(attention(channels / heads), "x, tokens", body());
  }

  /**
   * softmax(q·kᵀ/√width)·v. libtorch's fused attention is the better one but in bfloat16 on a CPU,
   * where its backward pass takes three times as long as the products one by one.
   */
  private static String attention(int width) {
    return TorchFunction.helper(
        "attention",
        "q: Tensor, k: Tensor, v: Tensor",
        "Tensor",
        String.join(
            "\n",
            "if torch.__and__(torch.eq(ops.prim.dtype(q), 15), torch.__not__(ops.prim.is_cuda(q))):",
            "  s = torch.matmul(torch.mul(q, "
                + 1 / Math.sqrt(width)
                + "), torch.transpose(k, 2, 3))",
            "  a = torch.matmul(torch.softmax(s, 3), v)",
            "else:",
            "  a = torch.scaled_dot_product_attention(q, k, v)",
            "return a"));
  }

  private String body() {
    int width = channels / heads;
    return String.join(
        "\n",
        "n = torch.size(x, 0)",
        "l = torch.size(x, 1)",
        "s = torch.size(tokens, 1)",
        "h = " + layerNorm("x", "norm1"),
        // One product for all three, split into (3, N, heads, L, width).
        "qkv = torch.permute(torch.reshape("
            + qkv.of("h")
            + ", "
            + String.format(Locale.ROOT, "[n, l, 3, %d, %d]), [2, 0, 3, 1, 4])", heads, width),
        "a = self.attention(torch.select(qkv, 0, 0), torch.select(qkv, 0, 1), "
            + "torch.select(qkv, 0, 2))",
        "a = torch.reshape(torch.transpose(a, 1, 2), [n, l, " + channels + "])",
        "y = x + " + selfOut.of("a"),
        cross(),
        "y = y + " + crossOut.of("a"),
        "h = " + gate.of(layerNorm("y", "norm3")),
        "parts = torch.chunk(h, 2, 2)",
        "h = parts[0] * torch.gelu(parts[1])",
        "return y + " + out.of("h"));
  }

  /** Writes the attention a to the tokens, of y. */
  private String cross() {
    int width = channels / heads;
    String attended =
        String.join(
            "\n",
            "h = " + layerNorm("y", "norm2"),
            "q = torch.transpose(torch.reshape("
                + query.of("h")
                + ", "
                + String.format(Locale.ROOT, "[n, l, %d, %d]), 1, 2)", heads, width),
            "kv = torch.permute(torch.reshape("
                + keyValue.of("tokens")
                + ", "
                + String.format(Locale.ROOT, "[n, s, 2, %d, %d]), [2, 0, 3, 1, 4])", heads, width),
            "a = self.attention(q, torch.select(kv, 0, 0), torch.select(kv, 0, 1))",
            "a = torch.reshape(torch.transpose(a, 1, 2), [n, l, " + channels + "])");
    if (!single) {
      return attended;
    }
    String value =
        String.format(
            Locale.ROOT,
            "a = torch.slice(%s, 2, %d, %d, 1)",
            keyValue.of("tokens"),
            channels,
            2 * channels);
    return "if torch.eq(s, 1):\n  " + value + "\nelse:\n" + attended.indent(2).stripTrailing();
  }

  private String layerNorm(String x, String name) {
    return layerNorm(x, channels, name, 1e-5);
  }

  private boolean isValue(long tokens) {
    return single && tokens == 1;
  }

  /** Multiply-adds of one sample of {@code length} positions and {@code tokens} tokens. */
  long multiplyAdds(long length, long tokens) {
    long seen = isValue(tokens) ? length : length + tokens;
    return 2L * channels * length * seen
        + products().stream().mapToLong(p -> p.multiplyAdds(times(p, length, tokens))).sum();
  }

  /** How often a product is applied to one sample. */
  private long times(Product product, long length, long tokens) {
    if (isValue(tokens) && (product == query || product == crossOut)) {
      return product == query ? 0 : 1;
    }
    return product == keyValue ? tokens : length;
  }

  /** Counts what one sample keeps without its result. */
  long kept(long length, long tokens) {
    // Self-attention: norm, q, k, v, result. Cross-attention: sum, norm, q, result. Feed-forward:
    // sum, norm, both halves of the gate, GELU, product.
    long cross = isValue(tokens) ? 1 : 4;
    return (5L + cross + 2 + 4 * EXPANSION) * channels * length + 2L * channels * tokens;
  }

  /** The matrices of attention, kept where it is not one fused operation. */
  long matrices(long length, long tokens) {
    return heads * length * (isValue(tokens) ? length : length + tokens);
  }

  /** Numbers of the largest array. */
  long widest(long length) {
    return 2L * EXPANSION * channels * length;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
