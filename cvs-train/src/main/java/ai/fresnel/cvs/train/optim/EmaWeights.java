package ai.fresnel.cvs.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps the weights of one network as an exponential moving average of another's, all of them in
 * one call. What is never trained is copied at the start, or shared.
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
   * @throws IllegalArgumentException if the two have different parameters: names the first
   */
  public EmaWeights(Block source, Block average) {
    Map<String, NDArray> from = compared(source);
    Map<String, NDArray> to = compared(average);
    requireSame(from, to);
    this.average = average;
    Weights.freeze(average, true);
    Set<String> trained = Weights.trainable(source).keySet();
    from.forEach(
        (name, weight) -> {
          if (!trained.contains(name)) {
            TensorLists.copy(weight, to.get(name));
          }
        });
    trained.forEach(name -> arguments.add(TensorLists.alias(to.get(name), "average[]")));
    trained.forEach(name -> arguments.add(TensorLists.alias(from.get(name), "current[]")));
    decayArgument = TensorLists.numbers(arguments.get(0).getManager()).create(1.0);
    arguments.add(decayArgument);
    update(0);
  }

  /** All weights; of a network with an adapter, whose own stay as they are, the adapter's. */
  private static Map<String, NDArray> compared(Block network) {
    return Weights.adapters(network).isEmpty()
        ? Weights.arrays(network)
        : Weights.trainable(network);
  }

  /** Checks names and shapes: a smaller array would silently be repeated over a larger one. */
  private static void requireSame(Map<String, NDArray> from, Map<String, NDArray> to) {
    Set<String> names = new TreeSet<>(from.keySet());
    names.addAll(to.keySet());
    for (String name : names) {
      String expected = from.containsKey(name) ? from.get(name).getShape().toString() : "missing";
      String found = to.containsKey(name) ? to.get(name).getShape().toString() : "missing";
      if (!found.equals(expected)) {
        throw new IllegalArgumentException(
            name
                + " of the average network is "
                + found
                + ", expected "
                + expected
                + " as in its source");
      }
    }
  }

  /**
   * Moves the average towards the source.
   *
   * @param decay the share of the average that stays, from 0 (a copy) to 1
   * @throws IllegalArgumentException if the decay is not from 0 to 1
   */
  public void update(double decay) {
    if (!(decay >= 0 && decay <= 1)) {
      throw new IllegalArgumentException("decay is " + decay + ", expected 0 to 1");
    }
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
