package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Weights;

/**
 * Two convolutions with group norms around a shortcut, modulated by the embedding (the residual
 * block of Dhariwal and Nichol 2021: scale and shift after the second norm).
 *
 * <p>Inputs: x (N, in, H, W); then, if the block joins a skip connection, the skipped state (N,
 * skip, H, W), concatenated to x by channel; then, if the block is modulated, the embedding (N, D)
 * after its SiLU. Output: (N, out, H, W). The second convolution starts at zero.
 */
final class ResidualBlock extends FusedBlock {

  private final boolean joins;
  private final int in;
  private final int out;
  private final int embedding;

  /**
   * @param in channels of x
   * @param skip channels of the skipped state, 0 = none
   * @param out channels of the result
   * @param embedding width of the embedding, 0 = not modulated
   * @param groups groups of the norms
   */
  ResidualBlock(int in, int skip, int out, int embedding, int groups) {
    joins = skip > 0;
    this.in = in + skip;
    this.out = out;
    this.embedding = embedding;
    norm("norm1", this.in);
    convolution("conv1", 1, this.in, out, 3);
    if (embedding > 0) {
      linear("modulation", 0, embedding, 2L * out);
    }
    norm("norm2", out);
    convolution("conv2", 0, out, out, 3);
    if (this.in != out) {
      convolution("shortcut", 1, this.in, out, 1);
    }
    String inputs = "x" + (skip > 0 ? ", skip" : "") + (embedding > 0 ? ", embedding" : "");
    define(inputs, body(groups));
  }

  private String body(int groups) {
    StringBuilder s = new StringBuilder();
    s.append(joins ? "x0 = torch.cat([x, skip], 1)\n" : "x0 = x\n");
    s.append("h = torch.silu(").append(groupNorm("x0", groups, "norm1")).append(")\n");
    s.append("h = ").append(convolution("h", "conv1", 3, 1)).append('\n');
    s.append("h = ").append(groupNorm("h", groups, "norm2")).append('\n');
    if (embedding > 0) {
      s.append("m = torch.unsqueeze(torch.unsqueeze(")
          .append(linear("embedding", "modulation"))
          .append(", 2), 3)\n");
      s.append("parts = torch.chunk(m, 2, 1)\n");
      s.append("h = torch.addcmul(h + parts[1], h, parts[0])\n");
    }
    s.append("h = ").append(convolution("torch.silu(h)", "conv2", 3, 1)).append('\n');
    s.append("return h + ")
        .append(in == out ? "x0" : convolution("x0", "shortcut", 1, 1))
        .append('\n');
    return s.toString();
  }

  /** Multiply-adds of one sample on a grid of {@code side}² positions. */
  long multiplyAdds(long side) {
    long perPosition = 9L * in * out + 9L * out * out + (in == out ? 0 : (long) in * out);
    return perPosition * side * side + 2L * embedding * out;
  }

  /** What one sample keeps at {@code level}, its result with it where {@code resultKept}. */
  KeptNumbers kept(int level, long side, boolean resultKept) {
    long positions = side * side;
    // Joined input, first norm, its SiLU; first convolution, norm, modulation, SiLU.
    long channels = (joins ? 3L : 2L) * in + (embedding > 0 ? 4L : 3L) * out;
    return KeptNumbers.of(
        level,
        channels * positions,
        out * positions,
        resultKept,
        Math.max(in, out) * positions,
        Weights.count(this));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    return new Shape[] {new Shape(x.get(0), out, x.get(2), x.get(3))};
  }
}
