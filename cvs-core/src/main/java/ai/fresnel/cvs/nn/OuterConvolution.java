package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;

/**
 * A convolution at the input or output of a network, with what precedes it: (N, in, H, W) to (N,
 * out, H, W). Its products are not {@linkplain #isHidden hidden}.
 */
abstract class OuterConvolution extends FusedBlock {

  final int out;

  /**
   * @param out channels of the result
   */
  OuterConvolution(int out) {
    this.out = out;
  }

  @Override
  protected final boolean isHidden() {
    return false;
  }

  @Override
  public final Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    return new Shape[] {new Shape(x.get(0), out, x.get(2), x.get(3))};
  }
}
