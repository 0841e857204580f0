package ai.fresnel.cvs.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model's parameters with the two moments that Adam and its relatives keep of each. */
final class AdamMoments {

  private final NDManager manager;
  private final Map<String, NDArray> parameters;
  private final Map<String, NDArray> means = new LinkedHashMap<>();
  private final Map<String, NDArray> squares = new LinkedHashMap<>();
  private NDList arguments;
  private NDArray numbers;

  AdamMoments(NDManager manager, Map<String, NDArray> parameters) {
    this.manager = manager;
    this.parameters = parameters;
    parameters.forEach(
        (name, array) -> {
          means.put(name, zeros(manager, array));
          squares.put(name, zeros(manager, array));
        });
  }

  private static NDArray zeros(NDManager manager, NDArray like) {
    NDArray zeros = like.zerosLike().stopGradient();
    zeros.attach(manager);
    return zeros;
  }

  /**
   * Calls a function of the lists p, g, m, v of the whole model and of the numbers of a step,
   * without gradient.
   *
   * @param values as many at each call
   * @return what the function returns
   */
  double call(TorchFunction function, double... values) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      if (arguments == null) {
        arguments = lists();
        numbers = TensorLists.numbers(manager).create(new double[values.length]);
        arguments.add(numbers);
      }
      numbers.set(values);
      try (NDArray result = function.callList(arguments).singletonOrThrow()) {
        return result.getFloat();
      }
    }
  }

  /** Made after the first backward pass: then there are gradients, and they keep their memory. */
  private NDList lists() {
    NDList lists = new NDList();
    parameters.values().forEach(p -> lists.add(TensorLists.alias(p, "p[]")));
    for (NDArray parameter : parameters.values()) {
      NDArray gradient = parameter.getGradient();
      gradient.setName("g[]");
      lists.add(gradient);
    }
    means.values().forEach(a -> lists.add(TensorLists.alias(a, "m[]")));
    squares.values().forEach(a -> lists.add(TensorLists.alias(a, "v[]")));
    return lists;
  }

  /** Their part of {@link ModelOptimizer#state}. */
  Map<String, Map<String, NDArray>> state() {
    return Map.of("adam.m", means, "adam.v", squares);
  }
}
