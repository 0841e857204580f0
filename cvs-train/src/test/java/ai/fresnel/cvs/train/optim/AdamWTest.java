package ai.fresnel.cvs.train.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.OptimizationConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.testing.Gradients;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The one-call AdamW against one written out number by number. */
class AdamWTest {

  private static final Map<String, Shape> SHAPES = new LinkedHashMap<>();

  static {
    SHAPES.put("conv.weight", new Shape(4, 3, 3, 3));
    SHAPES.put("bias", new Shape(5));
    SHAPES.put("scale", new Shape());
    SHAPES.put("linear.weight", new Shape(6, 7));
  }

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();
  private final Map<String, double[][]> slow = new LinkedHashMap<>();
  private final Random random = new Random(11);

  AdamWTest() {
    SHAPES.forEach(
        (name, shape) -> {
          float[] values = numbers(shape, 1);
          // Not the borrowed array itself: the optimiser keeps second handles on it.
          NDArray array = manager.create(values, shape).duplicate();
          array.setRequiresGradient(true);
          parameters.put(name, array);
          double[][] state = new double[3][values.length];
          for (int i = 0; i < values.length; i++) {
            state[0][i] = values[i];
          }
          slow.put(name, state);
        });
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private float[] numbers(Shape shape, double scale) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  private Map<String, float[]> gradients(double scale) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    SHAPES.forEach((name, shape) -> gradients.put(name, numbers(shape, scale)));
    return gradients;
  }

  /** Loshchilov and Hutter 2019, algorithm 2, after clipping to a global norm. */
  private void slowStep(
      Map<String, float[]> gradients, int step, double rate, TrainingConfig config) {
    OptimizationConfig c = config.optimization();
    double share = Math.min(1, c.clipNorm() / Gradients.norm(gradients));
    slow.forEach(
        (name, state) -> {
          float[] gradient = gradients.get(name);
          for (int i = 0; i < gradient.length; i++) {
            double g = gradient[i] * share;
            state[1][i] = c.beta1() * state[1][i] + (1 - c.beta1()) * g;
            state[2][i] = c.beta2() * state[2][i] + (1 - c.beta2()) * g * g;
            double mean = state[1][i] / (1 - Math.pow(c.beta1(), step));
            double square = state[2][i] / (1 - Math.pow(c.beta2(), step));
            state[0][i] -= rate * c.weightDecay() * state[0][i];
            state[0][i] -= rate * mean / (Math.sqrt(square) + c.epsilon());
          }
        });
  }

  private void assertSame(AdamW optimizer) {
    slow.forEach(
        (name, state) -> {
          List<NDArray> fast =
              List.of(
                  parameters.get(name),
                  optimizer.state().get("adam.m").get(name),
                  optimizer.state().get("adam.v").get(name));
          for (int kind = 0; kind < 3; kind++) {
            float[] actual = fast.get(kind).toFloatArray();
            for (int i = 0; i < actual.length; i++) {
              double expected = state[kind][i];
              assertEquals(
                  expected, actual[i], 1e-5 * (Math.abs(expected) + 0.01), name + " " + kind);
            }
          }
        });
  }

  private static TrainingConfig config(double clipNorm, double weightDecay) {
    return TrainingConfig.diffusion().toBuilder()
        .optimization(o -> o.withBeta1(0.8))
        .optimization(o -> o.withBeta2(0.95))
        .optimization(o -> o.withEpsilon(1e-6))
        .optimization(o -> o.withWeightDecay(weightDecay))
        .optimization(o -> o.withClipNorm(clipNorm))
        .build();
  }

  @Test
  void stepsEqualTheSlowOnes() {
    TrainingConfig config = config(8, 0.1);
    AdamW optimizer = new AdamW(manager, parameters, config);
    double[] scales = {0.1, 3, 0.5, 10, 0.01, 1};
    int clipped = 0;
    for (int step = 1; step <= scales.length; step++) {
      Map<String, float[]> gradients = gradients(scales[step - 1]);
      Gradients.give(manager, parameters, gradients);
      double rate = 0.01 * step;
      double norm = optimizer.step(step, rate);
      slowStep(gradients, step, rate, config);
      assertEquals(Gradients.norm(gradients), norm, 1e-5 * norm);
      clipped += norm > config.optimization().clipNorm() ? 1 : 0;
      assertSame(optimizer);
      assertGradientsAreZero();
    }
    assertTrue(clipped > 0 && clipped < scales.length, clipped + " steps were clipped");
  }

  @Test
  void withoutDecayAWeightWithoutGradientStays() {
    AdamW optimizer = new AdamW(manager, parameters, config(1, 0));
    float[] before = parameters.get("bias").toFloatArray();
    Map<String, float[]> gradients = gradients(1);
    gradients.put("bias", new float[5]);
    Gradients.give(manager, parameters, gradients);
    optimizer.step(1, 0.1);
    assertArrayEquals(before, parameters.get("bias").toFloatArray());
  }

  @Test
  void aGradientThatIsNotFiniteChangesNothing() {
    TrainingConfig config = config(1, 0.1);
    AdamW optimizer = new AdamW(manager, parameters, config);
    Map<String, float[]> sound = gradients(1);
    Gradients.give(manager, parameters, sound);
    optimizer.step(1, 0.01);
    slowStep(sound, 1, 0.01, config);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Map<String, float[]> gradients = gradients(1);
      gradients.get("bias")[3] = bad;
      Gradients.give(manager, parameters, gradients);
      assertFalse(Double.isFinite(optimizer.step(2, 0.01)));
      assertSame(optimizer);
      assertGradientsAreZero();
    }
    // And it goes on as if nothing had been.
    Map<String, float[]> next = gradients(1);
    Gradients.give(manager, parameters, next);
    optimizer.step(2, 0.01);
    slowStep(next, 2, 0.01, config);
    assertSame(optimizer);
  }

  @Test
  void momentsHaveTheirParametersNamesAndShapes() {
    AdamW optimizer = new AdamW(manager, parameters, config(1, 0));
    for (Map<String, NDArray> moments :
        List.of(optimizer.state().get("adam.m"), optimizer.state().get("adam.v"))) {
      assertEquals(List.copyOf(SHAPES.keySet()), List.copyOf(moments.keySet()));
      SHAPES.forEach((name, shape) -> assertEquals(shape, moments.get(name).getShape()));
    }
  }

  private void assertGradientsAreZero() {
    parameters.forEach(
        (name, parameter) -> {
          for (float g : parameter.getGradient().toFloatArray()) {
            assertEquals(0, g, name);
          }
        });
  }
}
