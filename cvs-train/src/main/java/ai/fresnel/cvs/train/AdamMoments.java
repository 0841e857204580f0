package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model's parameters with the two moments that Adam and its relatives keep of each. */
final class AdamMoments {

  private final Map<String, NDArray> parameters;
  private final Map<String, NDArray> means = new LinkedHashMap<>();
  private final Map<String, NDArray> squares = new LinkedHashMap<>();

  AdamMoments(NDManager manager, Map<String, NDArray> parameters) {
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
   * The lists p, g, m, v of the whole model, for a function that takes them first. Made after the
   * first backward pass, when there are gradients; these keep their memory from step to step.
   */
  NDList lists() {
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

  int size() {
    return parameters.size();
  }

  /** What {@link ModelOptimizer#state} returns of them. */
  Map<String, Map<String, NDArray>> state() {
    return Map.of("adam.m", means, "adam.v", squares);
  }
}
