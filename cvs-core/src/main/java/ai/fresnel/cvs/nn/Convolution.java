package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Weights;

/** The 3×3 convolution, with bias, that an image enters by: (N, in, H, W) to (N, out, H, W). */
final class Convolution extends FusedBlock {

  private final int in;
  private final int out;

  Convolution(int in, int out) {
    this.in = in;
    this.out = out;
    define("x", "return " + convolution("conv", 1, in, out, 3).of("x"));
  }

  /** What one sample keeps: the result, which a norm follows. */
  ActivationCount activations(long side) {
    long positions = side * side;
    return ActivationCount.of(
        0, 0, out * positions, true, Math.max(in, out) * positions, Weights.count(this));
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
