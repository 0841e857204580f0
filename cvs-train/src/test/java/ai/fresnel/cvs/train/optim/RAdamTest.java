package ai.fresnel.cvs.train.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.testing.Gradients;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The one-call RAdam against PyTorch's. */
class RAdamTest {

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final Map<String, NDArray> parameters = Map.of("p", parameter());

  private NDArray parameter() {
    NDArray p = manager.create(new float[] {1, -2, 0.5f}, new Shape(3)).duplicate();
    p.setRequiresGradient(true);
    return p;
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static TrainingConfig config(double clipNorm) {
    return TrainingConfig.diffusion().toBuilder()
        .optimization(o -> o.withBeta1(0.9))
        .optimization(o -> o.withBeta2(0.99))
        .optimization(o -> o.withEpsilon(1e-6))
        .optimization(o -> o.withWeightDecay(0.1))
        .optimization(o -> o.withClipNorm(clipNorm))
        .build();
  }

  private double step(RAdam optimizer, int t, double scale) {
    float[] gradient = new float[3];
    for (int i = 0; i < 3; i++) {
      gradient[i] = (float) (scale * Math.sin(t + i));
    }
    Gradients.give(manager, parameters, Map.of("p", gradient));
    return optimizer.step(t, 0.05);
  }

  /**
   * torch.optim.RAdam of PyTorch 2.7.1 with lr 0.05, betas (0.9, 0.99), eps 1e-6, weight_decay 0.1
   * decoupled, and gradients sin(t + i), after 5, 6 and 12 steps. From the sixth on the second
   * moment is divided by.
   */
  @Test
  void stepsEqualPyTorchs() {
    RAdam optimizer = new RAdam(manager, parameters, config(1e30));
    for (int t = 1; t <= 12; t++) {
      step(optimizer, t, 1);
      float[] expected =
          switch (t) {
            case 5 -> new float[] {0.854207f, -1.996506f, 0.558949f};
            case 6 -> new float[] {0.850612f, -1.986152f, 0.555857f};
            case 12 -> new float[] {0.822189f, -1.92656f, 0.543596f};
            default -> null;
          };
      if (expected != null) {
        assertArrayEquals(expected, parameters.get("p").toFloatArray(), 2e-6f, "step " + t);
      }
      assertArrayEquals(new float[3], parameters.get("p").getGradient().toFloatArray());
    }
  }

  /** Gradients a hundred times as long, clipped to the length that half of them have. */
  @Test
  void gradientsAreClippedToTheirNorm() {
    double norm =
        Math.sqrt(Math.pow(Math.sin(1), 2) + Math.pow(Math.sin(2), 2) + Math.pow(Math.sin(3), 2));
    RAdam clipped = new RAdam(manager, parameters, config(norm));
    assertEquals(100 * norm, step(clipped, 1, 100), 1e-3);
    float[] after = parameters.get("p").toFloatArray();
    // One step of the mean gradient: p - 0.005 p - 0.05 g.
    float[] before = {1, -2, 0.5f};
    for (int i = 0; i < 3; i++) {
      assertEquals(0.995 * before[i] - 0.05 * Math.sin(1 + i), after[i], 1e-6);
    }
  }

  @Test
  void aGradientThatIsNotFiniteChangesNothing() {
    RAdam optimizer = new RAdam(manager, parameters, config(1));
    assertFalse(Double.isFinite(step(optimizer, 1, Double.NaN)));
    assertArrayEquals(new float[] {1, -2, 0.5f}, parameters.get("p").toFloatArray());
    assertArrayEquals(new float[3], parameters.get("p").getGradient().toFloatArray());
  }
}
