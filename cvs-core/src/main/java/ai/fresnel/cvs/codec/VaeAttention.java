package ai.fresnel.cvs.codec;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import java.util.Locale;

/**
 * Self-attention of one head over all positions, on a group norm and added to its input: the middle
 * of a KL-VAE.
 *
 * <p>Input and output: (N, C, H, W).
 */
final class VaeAttention extends FusedBlock {

  private final int channels;

  VaeAttention(int channels, Norm norm) {
    this.channels = channels;
    norm("norm", channels);
    Product qkv = linear("qkv", 1, channels, 3L * channels);
    Product out = linear("out", 1, channels, channels);
    String normed = groupNorm("x", norm.groups(), "norm", norm.epsilon());
    define(
        "x",
        String.join(
            "\n",
            "h = torch.transpose(torch.flatten(" + normed + ", 2), 1, 2)",
            "parts = torch.chunk(" + qkv.of("h") + ", 3, 2)",
            // (N, 1 head, L, C): libtorch's fused attention wants the axis of heads.
            String.format(
                Locale.ROOT,
                "a = torch.scaled_dot_product_attention(%s, %s, %s)",
                "torch.unsqueeze(parts[0], 1)",
                "torch.unsqueeze(parts[1], 1)",
                "torch.unsqueeze(parts[2], 1)"),
            "h = " + out.of("torch.squeeze(a, 1)"),
            "return x + torch.reshape(torch.transpose(h, 1, 2), torch.size(x))"));
  }

  /** Multiply-adds of one sample. */
  long multiplyAdds(long positions) {
    return multiplyAddsAt(positions) + 2 * positions * positions * channels;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
