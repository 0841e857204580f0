package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.fresnel.cvs.nn.Weights;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Map;

/**
 * Keeps the weights of one network as an exponential moving average of another's, all of them in
 * one call.
 */
public final class EmaWeights {

  private static final TorchFunction UPDATE =
      TorchFunction.of(
          "average: List[Tensor], current: List[Tensor], decay: Tensor",
          """
          torch._foreach_lerp_(average, current, 1. - float(decay))
          return decay
          """);

  private final Block average;
  private final NDList arguments = new NDList();
  private final NDArray decayArgument;

  /**
   * Makes the average start where the source is.
   *
   * @param source the network to follow, initialised
   * @param average a network of the same configuration, initialised; its weights are overwritten
   * @throws IllegalArgumentException if the two have different parameters
   */
  public EmaWeights(Block source, Block average) {
    Map<String, NDArray> from = Weights.arrays(source);
    Map<String, NDArray> to = Weights.arrays(average);
    if (!from.keySet().equals(to.keySet())) {
      throw new IllegalArgumentException(
          "the average network has other parameters than its source");
    }
    this.average = average;
    Weights.freeze(average, true);
    to.forEach((name, array) -> arguments.add(TensorLists.alias(array, "average[]")));
    from.forEach((name, array) -> arguments.add(TensorLists.alias(array, "current[]")));
    decayArgument = arguments.get(0).getManager().create(1.0);
    arguments.add(decayArgument);
    update(0);
  }

  /**
   * Moves the average towards the source.
   *
   * @param decay the share of the average that stays, from 0 (a copy) to 1
   */
  public void update(double decay) {
    decayArgument.set(new double[] {decay});
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      UPDATE.callList(arguments).close();
    }
  }

  /**
   * Returns the averaged network.
   *
   * @return the network, frozen
   */
  public Block average() {
    return average;
  }
}
