package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.optim.TensorLists;
import java.util.Map;

/**
 * A copy of all that a step computes with, on another device. It computes a share of each batch and
 * hands its gradients to the first device, where the update is made; it has no moments and no
 * averages but the networks of its own stage.
 */
final class Replica implements AutoCloseable {

  private static final TorchFunction COPY =
      TorchFunction.of(
          "copies: List[Tensor], originals: List[Tensor]",
          """
          torch._foreach_copy_(copies, originals)
          return copies[0]
          """);

  private static final TorchFunction ADD =
      TorchFunction.of(
          "total: List[Tensor], part: List[Tensor]",
          """
          for i in range(torch.len(total)):
            q = torch.add_(total[i], torch.type_as(part[i], total[i]))
          torch._foreach_zero_(part)
          return total[0]
          """);

  private final Worker worker;
  private final NDList weights = new NDList();
  private NDList gradients;

  /**
   * @param own what the stage and the block compute with, by group and name
   * @param original the run's own of the same groups and names
   */
  Replica(Worker worker, TrainingState own, TrainingState original) {
    this.worker = worker;
    own.forEach((group, name, array) -> weights.add(TensorLists.alias(array, "copies[]")));
    own.forEach(
        (group, name, array) ->
            weights.add(TensorLists.alias(original.get(group, name), "originals[]")));
  }

  Worker worker() {
    return worker;
  }

  /** Takes over what the last update, a new phase or a restored state has changed. */
  void follow(double progress) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      COPY.callList(weights).close();
    }
    worker.stage().advance(progress);
  }

  /** Adds the gradients of the step to those on the first device and zeroes them here. */
  void handOver(Block first) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      if (gradients == null) {
        gradients = new NDList();
        addGradients(first, "total[]");
        addGradients(worker.block(), "part[]");
      }
      ADD.callList(gradients).close();
    }
  }

  private void addGradients(Block of, String list) {
    for (Map.Entry<String, NDArray> parameter : Weights.trainable(of).entrySet()) {
      NDArray gradient = parameter.getValue().getGradient();
      gradient.setName(list);
      gradients.add(gradient);
    }
  }

  @Override
  public void close() {
    worker.manager().close();
  }
}
