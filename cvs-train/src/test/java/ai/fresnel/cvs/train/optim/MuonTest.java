package ai.fresnel.cvs.train.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.OptimizerKind;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.testing.Gradients;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Muon in one call against loops in double precision, and its updates against what they claim. */
class MuonTest {

  private static final Map<String, Shape> SHAPES = new LinkedHashMap<>();
  private static final List<String> HIDDEN =
      List.of("conv.weight", "tall.weight", "wide.weight", "twin.weight");

  static {
    SHAPES.put("conv.weight", new Shape(4, 3, 3, 3));
    SHAPES.put("bias", new Shape(5));
    SHAPES.put("tall.weight", new Shape(9, 4));
    SHAPES.put("wide.weight", new Shape(3, 8));
    SHAPES.put("border.weight", new Shape(4, 6));
    // As another, not beside it: those of one shape are moved together.
    SHAPES.put("twin.weight", new Shape(9, 4));
  }

  private static final TrainingConfig CONFIG =
      TrainingConfig.diffusion().toBuilder()
          .optimization(o -> o.withOptimizer(OptimizerKind.MUON))
          .optimization(o -> o.withWeightDecay(0.1))
          .optimization(o -> o.withClipNorm(1e30))
          .build();

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final Random random = new Random(5);

  @AfterEach
  void close() {
    manager.close();
  }

  private float[] numbers(Shape shape) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private Map<String, float[]> draw() {
    Map<String, float[]> all = new LinkedHashMap<>();
    SHAPES.forEach((name, shape) -> all.put(name, numbers(shape)));
    return all;
  }

  private Map<String, NDArray> arrays(Map<String, float[]> values) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    values.forEach(
        (name, v) -> {
          NDArray array = manager.create(v, SHAPES.get(name)).duplicate();
          array.setRequiresGradient(true);
          arrays.put(name, array);
        });
    return arrays;
  }

  private static double[][] matrix(float[] values, int rows) {
    double[][] m = new double[rows][values.length / rows];
    for (int i = 0; i < values.length; i++) {
      m[i / m[0].length][i % m[0].length] = values[i];
    }
    return m;
  }

  private static double[][] times(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b[0].length; j++) {
        for (int k = 0; k < b.length; k++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return c;
  }

  private static double[][] transposed(double[][] a) {
    double[][] t = new double[a[0].length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        t[j][i] = a[i][j];
      }
    }
    return t;
  }

  private static double[][] sum(double x, double[][] a, double y, double[][] b) {
    double[][] c = new double[a.length][a[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        c[i][j] = x * a[i][j] + y * b[i][j];
      }
    }
    return c;
  }

  /** X ← aX + (bXXᵀ + c(XXᵀ)²)X, five times, on the side with fewer rows. */
  private static double[][] orthogonalised(double[][] g) {
    if (g.length > g[0].length) {
      return transposed(orthogonalised(transposed(g)));
    }
    double norm = 0;
    for (double[] row : g) {
      for (double v : row) {
        norm += v * v;
      }
    }
    double[][] x = sum(1 / Math.sqrt(norm), g, 0, g);
    for (int step = 0; step < 5; step++) {
      double[][] a = times(x, transposed(x));
      x = sum(3.4445, x, 1, times(sum(-4.775, a, 2.0315, times(a, a)), x));
    }
    return x;
  }

  @Test
  void stepsEqualTheSlowOnes() {
    Map<String, float[]> start = draw();
    Map<String, NDArray> parameters = arrays(start);
    Map<String, NDArray> others = new LinkedHashMap<>(arrays(start));
    HIDDEN.forEach(others::remove);
    Muon muon = new Muon(manager, parameters, HIDDEN, CONFIG);
    AdamW adam = new AdamW(manager, others, CONFIG);
    Map<String, double[][]> slow = new LinkedHashMap<>();
    Map<String, double[][]> momenta = new LinkedHashMap<>();
    for (String name : HIDDEN) {
      int rows = (int) SHAPES.get(name).get(0);
      slow.put(name, matrix(start.get(name), rows));
      momenta.put(name, new double[rows][start.get(name).length / rows]);
    }
    for (int step = 1; step <= 4; step++) {
      Map<String, float[]> gradients = draw();
      double rate = 0.01 * step;
      Gradients.give(manager, parameters, gradients);
      Gradients.give(manager, others, gradients);
      double norm = muon.step(step, rate);
      adam.step(step, rate);
      assertEquals(Gradients.norm(gradients), norm, 1e-4);
      for (String name : HIDDEN) {
        double[][] g = matrix(gradients.get(name), slow.get(name).length);
        double[][] m = sum(0.95, momenta.get(name), 0.05, g);
        momenta.put(name, m);
        double[][] o = orthogonalised(sum(0.05, g, 0.95, m));
        double scale = 0.2 * Math.sqrt(Math.max(o.length, o[0].length));
        slow.put(name, sum(1 - rate * 0.1, slow.get(name), -rate * scale, o));
        float[] actual = parameters.get(name).toFloatArray();
        for (int i = 0; i < actual.length; i++) {
          int columns = o[0].length;
          assertEquals(slow.get(name)[i / columns][i % columns], actual[i], 1e-5, name);
        }
      }
      // What is not hidden moves as AdamW moves it; and every gradient is zeroed.
      others.forEach(
          (name, array) ->
              assertArrayEquals(array.toFloatArray(), parameters.get(name).toFloatArray(), name));
      parameters.forEach(
          (name, array) -> assertEquals(0, array.getGradient().abs().sum().getFloat(), name));
    }
  }

  /** Whatever the gradient's length and directions, the update's rows are nearly orthonormal. */
  @Test
  void updatesAreNearlyOrthogonal() {
    for (Precision precision : Precision.values()) {
      for (float length : new float[] {1e-6f, 1, 1e6f}) {
        Map<String, float[]> start = draw();
        Map<String, NDArray> parameters = arrays(start);
        Muon muon =
            new Muon(
                manager,
                parameters,
                HIDDEN,
                CONFIG.toBuilder()
                    .optimization(o -> o.withWeightDecay(0))
                    .compute(c -> c.withPrecision(precision))
                    .build());
        Map<String, float[]> gradients = draw();
        float[] g = gradients.get("conv.weight");
        for (int i = 0; i < g.length; i++) {
          g[i] *= length;
        }
        Gradients.give(manager, parameters, gradients);
        muon.step(1, 1);
        float[] after = parameters.get("conv.weight").toFloatArray();
        float[] update = new float[after.length];
        for (int i = 0; i < update.length; i++) {
          update[i] = (float) ((start.get("conv.weight")[i] - after[i]) / (0.2 * Math.sqrt(27)));
        }
        double[][] o = matrix(update, 4);
        double[][] gram = times(o, transposed(o));
        for (int i = 0; i < 4; i++) {
          for (int j = 0; j < 4; j++) {
            double expected = i == j ? 1 : 0;
            assertEquals(expected, gram[i][j], 0.55, precision + " " + length);
          }
        }
      }
    }
  }

  @Test
  void aGradientThatIsNotFiniteChangesNothing() {
    Map<String, float[]> start = draw();
    Map<String, NDArray> parameters = arrays(start);
    Muon muon = new Muon(manager, parameters, HIDDEN, CONFIG);
    Map<String, float[]> gradients = draw();
    gradients.get("tall.weight")[3] = Float.NaN;
    gradients.get("bias")[1] = Float.POSITIVE_INFINITY;
    Gradients.give(manager, parameters, gradients);
    assertFalse(Double.isFinite(muon.step(1, 0.1)));
    start.forEach(
        (name, values) -> assertArrayEquals(values, parameters.get(name).toFloatArray(), name));
    muon.state()
        .forEach(
            (kind, arrays) ->
                arrays.forEach(
                    (name, a) -> assertEquals(0, a.abs().sum().getFloat(), kind + " " + name)));
    assertTrue(parameters.get("tall.weight").getGradient().abs().sum().getFloat() == 0);
  }

  @Test
  void everyParameterHasItsMoments() {
    Muon muon = new Muon(manager, arrays(draw()), HIDDEN, CONFIG);
    assertEquals(Set.copyOf(HIDDEN), muon.state().get("muon.m").keySet());
    assertEquals(
        List.of("bias", "border.weight"), List.copyOf(muon.state().get("adam.m").keySet()));
  }
}
