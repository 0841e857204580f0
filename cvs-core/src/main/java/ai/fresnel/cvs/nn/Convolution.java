package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.block.Weights;

/** The 3×3 convolution, with bias, that an image enters by: (N, in, H, W) to (N, out, H, W). */
public final class Convolution extends OuterConvolution {

  private final int in;

  /**
   * Makes the convolution, without values.
   *
   * @param in channels in
   * @param out channels out
   */
  public Convolution(int in, int out) {
    super(out);
    this.in = in;
    define("x", "return " + convolution("conv", 1, in, out, 3).of("x"));
  }

  /** Counts what one sample keeps: the result, which a norm follows. */
  ActivationCount activations(long side) {
    long positions = side * side;
    return ActivationCount.of(
        0, 0, out * positions, true, Math.max(in, out) * positions, Weights.count(this));
  }
}
