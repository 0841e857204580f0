package ai.fresnel.cvs.condition;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;

/**
 * Stands in for one part of a dropped condition: a learned vector. Inputs: x (N, W) or (N, S, W)
 * and the mask (N).
 */
final class NullValue extends FusedBlock {

  NullValue(int dimensions, int width) {
    zeros("value", width);
    String shape = "[-1" + ", 1".repeat(dimensions - 1) + "]";
    define("x, keep", "k = torch.reshape(keep, " + shape + ")\nreturn x * k + value * (1. - k)");
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
