package ai.fresnel.cvs.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;

/**
 * Blocks one after another, each of which reads the result of the one before. Intermediate results
 * are freed as soon as they are read.
 */
public final class Chain extends NetworkBlock {

  private final List<FusedBlock> blocks = new ArrayList<>();

  /** Makes an empty chain. */
  public Chain() {}

  /**
   * Adds a block at the end.
   *
   * @param name the name that leads to its parameters
   * @param block takes one array
   * @return this chain
   */
  public Chain add(String name, FusedBlock block) {
    blocks.add(addChildBlock(name, block));
    return this;
  }

  /**
   * Returns the blocks.
   *
   * @return in order
   */
  public List<FusedBlock> blocks() {
    return List.copyOf(blocks);
  }

  /**
   * Runs the blocks.
   *
   * @param store the parameters' values
   * @param manager owner of the result
   * @param x the first block's input, not freed
   * @return the last block's result; x itself if there is no block
   */
  public NDArray apply(ParameterStore store, NDManager manager, NDArray x) {
    NDArray h = x;
    for (FusedBlock block : blocks) {
      NDArray next = block.apply(store, manager, h);
      if (h != x) {
        h.close();
      }
      h = next;
    }
    return h;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(apply(store, inputs.get(0).getManager(), inputs.get(0)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape[] shapes = inputShapes;
    for (FusedBlock block : blocks) {
      shapes = block.getOutputShapes(shapes);
    }
    return shapes;
  }
}
