package ai.fresnel.cvs.train.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Map;

/** Gradients of choice, for tests of optimisers. */
public final class Gradients {

  private Gradients() {}

  /** Gives the parameters these gradients: those of Σ parameter · gradient. */
  public static void give(
      NDManager manager, Map<String, NDArray> parameters, Map<String, float[]> gradients) {
    try (NDManager sub = manager.newSubManager();
        GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
      NDArray loss = sub.zeros(new Shape());
      for (Map.Entry<String, NDArray> entry : parameters.entrySet()) {
        NDArray g = sub.create(gradients.get(entry.getKey()), entry.getValue().getShape());
        loss = loss.add(g.mul(entry.getValue()).sum());
      }
      collector.backward(loss);
    }
  }

  /** The norm of all of them together. */
  public static double norm(Map<String, float[]> gradients) {
    double sum = 0;
    for (float[] gradient : gradients.values()) {
      for (float g : gradient) {
        sum += (double) g * g;
      }
    }
    return Math.sqrt(sum);
  }
}
