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

  /** Makes a block without parameters yet. */
  protected NetworkBlock() {}

  /**
   * Returns whether the parameters of this block and of its children are ever trained.
   *
   * @return false for a frozen published encoder, and after {@link #freeze}
   */
  protected boolean isTrainable() {
    return !frozen;
  }

  /** Freezes the parameters of this block and of its children for good. */
  public final void freeze() {
    Weights.parameters(this).values().forEach(parameter -> parameter.freeze(true));
    frozen = true;
  }

  /**
   * Returns whether the products of this block and of its children map hidden states to hidden
   * states. Matrix optimisers such as Muon train only these, not layers that read the data, sigma
   * or the pose or write the output.
   *
   * @return false for an input or output layer
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
