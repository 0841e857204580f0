package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.UNetConfig.Modulation;
import ai.fresnel.cvs.model.UNetConfig.Norm;

/**
 * Two convolutions with group norms around a shortcut, modulated by an embedding or not: shifted
 * before the second norm (Ho et al. 2020), or scaled and shifted after it (Dhariwal and Nichol
 * 2021).
 *
 * <p>Inputs: x (N, in, H, W); then, if the block joins a skip connection, the skipped state (N,
 * skip, H, W), concatenated to x by channel; then, if the block is modulated, the embedding (N, D)
 * after its SiLU. Output: (N, out, H, W). The second convolution starts at zero.
 */
public final class ResidualBlock extends FusedBlock {

  private final boolean joins;
  private final int in;
  private final int out;

  /** Channels of the hidden layer kept for the backward pass, as a multiple of {@code out}. */
  private final long keptHidden;

  /**
   * Makes a block that is not modulated.
   *
   * @param in channels of x
   * @param skip channels of the skipped state, 0 = none
   * @param out channels of the result
   * @param norm the norms
   */
  public ResidualBlock(int in, int skip, int out, Norm norm) {
    joins = skip > 0;
    this.in = in + skip;
    this.out = out;
    // The first convolution, norm, SiLU.
    keptHidden = 3;
    String enter = enter(norm);
    define("x" + (joins ? ", skip" : ""), enter + "h = " + norm2(norm) + leave());
  }

  /**
   * Makes a modulated block.
   *
   * @param in channels of x
   * @param skip channels of the skipped state, 0 = none
   * @param out channels of the result
   * @param norm the norms
   * @param modulation how the embedding acts
   * @param embedding width D of the embedding
   */
  ResidualBlock(int in, int skip, int out, Norm norm, Modulation modulation, int embedding) {
    joins = skip > 0;
    this.in = in + skip;
    this.out = out;
    boolean scales = modulation == Modulation.SCALE_AND_SHIFT;
    keptHidden = scales ? 4 : 3;
    String enter = enter(norm);
    Product projection = Product.linear("modulation", embedding, scales ? 2L * out : out);
    String modulated =
        "m = torch.unsqueeze(torch.unsqueeze("
            + product(projection.withGain(0).ofVector()).of("embedding")
            + ", 2), 3)\n"
            + (scales
                ? "h = "
                    + norm2(norm)
                    + "parts = torch.chunk(m, 2, 1)\n"
                    + "h = torch.addcmul(h + parts[1], h, parts[0])\n"
                : "h = h + m\nh = " + norm2(norm));
    define("x" + (joins ? ", skip" : "") + ", embedding", enter + modulated + leave());
  }

  private String enter(Norm norm) {
    norm("norm1", in);
    Product conv1 = convolution("conv1", 1, in, out, 3);
    return (joins ? "x0 = torch.cat([x, skip], 1)\n" : "x0 = x\n")
        + ("h = torch.silu(" + groupNorm("x0", norm.groups(), "norm1", norm.epsilon()) + ")\n")
        + ("h = " + conv1.of("h") + "\n");
  }

  private String norm2(Norm norm) {
    norm("norm2", out);
    return groupNorm("h", norm.groups(), "norm2", norm.epsilon()) + "\n";
  }

  private String leave() {
    String h = convolution("conv2", 0, out, out, 3).of("torch.silu(h)");
    String shortcut = in == out ? "x0" : convolution("shortcut", 1, in, out, 1).of("x0");
    return "h = " + h + "\nreturn h + " + shortcut + "\n";
  }

  /** Counts what one sample keeps at {@code level}, with its result where {@code resultKept}. */
  ActivationCount activations(int level, long side, boolean resultKept) {
    long positions = side * side;
    // Joined input, first norm, its SiLU; then the hidden layer.
    long channels = (joins ? 3L : 2L) * in + keptHidden * out;
    return ActivationCount.of(
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
