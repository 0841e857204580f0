package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.geometry.RelativePose;

/**
 * The relative pose and both lenses as a vector: a three-layer MLP with SiLU over the features of
 * {@link RelativePose}.
 *
 * <p>Input: (N, 16). Output: (N, D).
 */
public final class PoseEncoder extends FusedBlock {

  private final int width;

  /**
   * @param width D
   */
  /**
   * Makes the encoder, without values.
   *
   * @param width D
   */
  public PoseEncoder(int width) {
    this.width = width;
    Product in = linear("in", 1, RelativePose.FEATURES, 2L * width);
    Product mid = linear("mid", 1, 2L * width, width);
    Product out = linear("out", 1, width, width);
    define(
        "pose",
        String.join(
            "\n",
            "h = torch.silu(" + in.of("pose") + ")",
            "h = torch.silu(" + mid.of("h") + ")",
            "return " + out.of("h")));
  }

  @Override
  protected boolean isHidden() {
    return false;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), width)};
  }
}
