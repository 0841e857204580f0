package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;

/** Arguments of type {@code List[Tensor]}: DJL groups arrays that share a name ending in "[]". */
final class TensorLists {

  private TensorLists() {}

  /**
   * Returns a second handle on an array's memory, without gradient, under a list's name. The memory
   * must be libtorch's own and the handle lives as long as the array's manager.
   */
  static NDArray alias(NDArray array, String list) {
    NDArray alias = array.stopGradient();
    alias.setName(list);
    return alias;
  }
}
