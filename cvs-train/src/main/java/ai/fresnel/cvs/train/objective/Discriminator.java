package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.NetworkBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells true images from drawn ones by the features of a frozen network, with a small head for each
 * feature map. Inputs: the maps, each (N, C, H, W), then the transformed sigma (N). Output: (N, P),
 * the logits of each head at each position, one head after another.
 */
public final class Discriminator extends NetworkBlock {

  private final List<DiscriminatorHead> heads = new ArrayList<>();

  /**
   * Makes a discriminator without parameter values.
   *
   * @param channels the channels of each map
   */
  public Discriminator(List<Integer> channels) {
    for (int i = 0; i < channels.size(); i++) {
      heads.add(addChildBlock("head" + i, new DiscriminatorHead(channels.get(i))));
    }
  }

  /**
   * Judges feature maps.
   *
   * @param store holds the values of the parameters
   * @param manager owns the result
   * @param maps one for each head
   * @param level the transformed sigma, (N)
   * @return (N, P), above 0 for true
   */
  NDArray judge(ParameterStore store, NDManager manager, NDList maps, NDArray level) {
    NDArray all = null;
    for (int i = 0; i < heads.size(); i++) {
      NDArray one = heads.get(i).apply(store, manager, maps.get(i), level);
      all = all == null ? one : all.concat(one, 1);
    }
    return all;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    int last = inputs.size() - 1;
    NDManager manager = inputs.get(0).getManager();
    return new NDList(judge(store, manager, inputs.subNDList(0, last), inputs.get(last)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long positions = 0;
    for (int i = 0; i < heads.size(); i++) {
      positions += inputShapes[i].get(2) * inputShapes[i].get(3);
    }
    return new Shape[] {new Shape(inputShapes[0].get(0), positions)};
  }
}
