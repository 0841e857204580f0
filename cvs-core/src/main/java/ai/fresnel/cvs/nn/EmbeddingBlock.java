package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;

/** Turns numbers of a sample, (N, ...), into a vector, (N, D): no layer between hidden states. */
abstract class EmbeddingBlock extends FusedBlock {

  private final int width;

  /**
   * Names the width of the vector.
   *
   * @param width D
   */
  EmbeddingBlock(int width) {
    this.width = width;
  }

  @Override
  protected final boolean isHidden() {
    return false;
  }

  @Override
  public final Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), width)};
  }
}
