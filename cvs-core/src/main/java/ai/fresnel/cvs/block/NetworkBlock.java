package ai.fresnel.cvs.block;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.util.Pair;

/**
 * A block whose parameters' shapes follow from its configuration alone, so that it can be
 * initialised without an input.
 */
public abstract class NetworkBlock extends AbstractBlock {

  private boolean frozen;

  /** A block without parameters yet. */
  protected NetworkBlock() {}

  /**
   * Tells whether the parameters of this block and of those inside it are ever trained.
   *
   * @return false for an encoder that is used as it was published, and after {@link #freeze}
   */
  protected boolean isTrainable() {
    return !frozen;
  }

  /** Leaves the parameters of this block and of those inside it as they are, from now on. */
  public final void freeze() {
    Weights.freeze(this, true);
    frozen = true;
  }

  /**
   * Tells whether the products of this block and of those inside it lead from hidden state to
   * hidden state. They are what optimisers for matrices are for; layers that meet the data, the
   * noise level, the pose or the output are not.
   *
   * @return false for a layer at the border
   */
  protected boolean isHidden() {
    return true;
  }

  @Override
  protected final void initializeChildBlocks(
      NDManager manager, DataType dataType, Shape... inputShapes) {
    for (Pair<String, Block> child : getChildren()) {
      child.getValue().initialize(manager, dataType, inputShapes);
    }
  }
}
