package ai.fresnel.cvs.train.optim;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Map;

/**
 * Arguments of type {@code List[Tensor]}: DJL groups arrays that share a name ending in "[]". They
 * are second handles, so an array's memory must stay where it is while they live.
 */
public final class TensorLists {

  private static final TorchFunction COPY =
      TorchFunction.of("target: Tensor, source: Tensor", "return torch.copy_(target, source)");

  private TensorLists() {}

  /**
   * Returns a second handle on an array's memory, without gradient, under a list's name. The memory
   * must be libtorch's own and the handle lives as long as the array's manager.
   *
   * @param array the array
   * @param list the list's name, ending in "[]"
   * @return the handle
   */
  public static NDArray alias(NDArray array, String list) {
    NDArray alias = array.stopGradient();
    alias.setName(list);
    return alias;
  }

  /**
   * Returns a manager for the numbers that a function reads one by one, as a learning rate: in the
   * CPU's memory, for each that lay on a GPU would have to wait for all that was asked of it.
   *
   * @param manager closes it when it is closed
   * @return the manager
   */
  public static NDManager numbers(NDManager manager) {
    return manager.newSubManager(Device.cpu());
  }

  /**
   * Copies values into an array's own memory. NDArray.copyTo would give the array other memory, and
   * averages that hold an alias would go on with the old.
   *
   * @param source the values
   * @param target an array of the same shape, maybe on another device
   */
  public static void copy(NDArray source, NDArray target) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      COPY.call(target, source).close();
    }
  }

  /**
   * Copies a network's weights into those of the same names of another; either may have more.
   *
   * @param source the network whose weights are copied
   * @param target the network whose weights are overwritten
   */
  public static void copy(Block source, Block target) {
    Map<String, NDArray> from = Weights.arrays(source);
    Map<String, NDArray> into = Weights.arrays(target);
    into.keySet().retainAll(from.keySet());
    into.forEach((name, weight) -> copy(from.get(name), weight));
  }
}
