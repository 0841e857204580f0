package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.nn.ViewNetwork;

/**
 * A network's volume as the block DJL's trainer sees, without the U-Net: a photograph is encoded
 * once for several targets in a row. Inputs: anything, noise levels (N), the sources (N, 3, S, S)
 * and the pose features (N, 16). Output: the rendered views (N, C, G, G).
 */
final class VolumeBlock extends AbstractBlock {

  private final ViewNetwork network;
  private final int targets;

  /**
   * @param targets how many samples in a row have one source
   */
  VolumeBlock(ViewNetwork network, int targets) {
    this.network = addChildBlock("network", network);
    this.targets = targets;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray pose = inputs.get(3);
    try (NDManager manager = pose.getManager().newSubManager()) {
      NDArray source = inputs.get(2).get(manager, new NDIndex("::{}", targets));
      return new NDList(network.render(store, source, pose));
    }
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
    network.initialize(manager, dataType, inputShapes);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long side = network.config().gridSize(0);
    return new Shape[] {new Shape(inputShapes[3].get(0), inputShapes[2].get(1), side, side)};
  }
}
