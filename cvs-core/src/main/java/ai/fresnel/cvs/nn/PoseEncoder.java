package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.geometry.RelativePose;

/**
 * The relative pose and both lenses as a vector: a three-layer MLP with SiLU over the features of
 * {@link RelativePose}.
 *
 * <p>Input: (N, 16). Output: (N, D).
 */
public final class PoseEncoder extends EmbeddingBlock {

  /**
   * @param width D
   */
  /**
   * Makes the encoder, without values.
   *
   * @param width D
   */
  public PoseEncoder(int width) {
    super(width);
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
}
