package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Tests fused operations against plain Java loops, and gradients against finite differences. */
class TorchOpsTest {

  private static final double EPS = 1e-5;

  @Test
  void groupNormIsTheTextbookFormula() {
    groupNorm(1, 3, a -> TorchOps.groupNorm(a.get(0), a.get(1), a.get(2), 3), y -> y);
  }

  @Test
  void groupNormSiluAppliesSiluAfterwards() {
    groupNorm(
        4,
        2,
        a -> TorchOps.groupNormSilu(a.get(0), a.get(1), a.get(2), 2),
        y -> y / (1 + Math.exp(-y)));
  }

  @Test
  void sentNumbersAreACopyOfTheirOwn() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      float[] values = {1, 2, 3, 4, 5, 6};
      NDArray sent = TorchOps.send(manager, values, new Shape(2, 3));
      assertEquals(new Shape(2, 3), sent.getShape());
      assertEquals(manager, sent.getManager());
      assertEquals(1, manager.getManagedArrays().size());
      assertArrayEquals(values, sent.toFloatArray());
      assertArrayEquals(values, TorchOps.create(manager, values, new Shape(2, 3)).toFloatArray());
    }
  }

  private static void groupNorm(
      int seed, int groups, Function<NDList, NDArray> operation, DoubleUnaryOperator activation) {
    double[] x = random(2 * 6 * 5, seed);
    double[] w = random(6, seed + 1);
    double[] b = random(6, seed + 2);
    double[] normalised = slowGroupNorm(x, w, b, 2, 6, 5, groups);
    check(
        operation,
        Arrays.stream(normalised).map(activation).toArray(),
        input(x, 2, 6, 5),
        input(w, 6),
        input(b, 6));
  }

  @Test
  void attentionIsSoftmaxOfScaledProducts() {
    int heads = 2;
    int queries = 3;
    int keys = 4;
    int width = 5;
    double[] q = random(heads * queries * width, 7);
    double[] k = random(heads * keys * width, 8);
    double[] v = random(heads * keys * width, 9);
    double[] expected = new double[q.length];
    for (int h = 0; h < heads; h++) {
      for (int i = 0; i < queries; i++) {
        double[] score = new double[keys];
        double sum = 0;
        for (int j = 0; j < keys; j++) {
          for (int d = 0; d < width; d++) {
            score[j] += q[(h * queries + i) * width + d] * k[(h * keys + j) * width + d];
          }
          score[j] = Math.exp(score[j] / Math.sqrt(width));
          sum += score[j];
        }
        for (int j = 0; j < keys; j++) {
          for (int d = 0; d < width; d++) {
            expected[(h * queries + i) * width + d] +=
                score[j] / sum * v[(h * keys + j) * width + d];
          }
        }
      }
    }
    check(
        a -> TorchOps.attention(a.get(0), a.get(1), a.get(2)),
        expected,
        input(q, 1, heads, queries, width),
        input(k, 1, heads, keys, width),
        input(v, 1, heads, keys, width));
  }

  @Test
  void foldingMovesEachPixelWhereItsJavadocSays() {
    int c = 3;
    int size = 4;
    for (int factor : new int[] {1, 2, 4}) {
      double[] x = random(2 * c * size * size, 10);
      double[] expected = new double[x.length];
      int small = size / factor;
      for (int n = 0; n < 2; n++) {
        for (int ch = 0; ch < c; ch++) {
          for (int y = 0; y < size; y++) {
            for (int xx = 0; xx < size; xx++) {
              int out = (ch * factor + y % factor) * factor + xx % factor;
              int at = ((n * c * factor * factor + out) * small + y / factor) * small + xx / factor;
              expected[at] = x[((n * c + ch) * size + y) * size + xx];
            }
          }
        }
      }
      check(a -> TorchOps.fold(a.get(0), factor), expected, input(x, 2, c, size, size));
      try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
        NDArray image = manager.create(floats(x)).reshape(2, c, size, size);
        NDArray back = TorchOps.unfold(TorchOps.fold(image, factor), factor);
        assertEquals(image, back);
      }
    }
  }

  @Test
  void scalingIsAProduct() {
    double[] x = random(12, 11);
    double[] expected = DoubleStream.of(x).map(value -> value * 0.3).toArray();
    check(a -> TorchOps.scale(a.get(0), 0.3), expected, input(x, 3, 4));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray narrow = manager.ones(new Shape(2)).toType(DataType.FLOAT16, false);
      assertEquals(DataType.FLOAT16, TorchOps.scale(narrow, 2).getDataType());
      assertEquals(0.3f * 0.7f, TorchOps.scale(manager.create(0.3f), 0.7).getFloat());
    }
  }

  /** Java must not free an array that autograd keeps for the backward pass. */
  @Test
  void aFactorOutlivesAGarbageCollection() throws InterruptedException {
    int count = 200;
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray x = manager.ones(new Shape(count));
      x.setRequiresGradient(true);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray sum = manager.zeros(new Shape());
        for (int i = 0; i < count; i++) {
          sum = sum.add(TorchOps.scale(x.get(i), i + 0.5));
        }
        List<ByteBuffer> others = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
          System.gc();
          Thread.sleep(50);
          for (int i = 0; i < 10 * count; i++) {
            others.add(ByteBuffer.allocateDirect(4).putInt(0, 0x7f7f7f7f));
          }
        }
        collector.backward(sum);
        assertEquals(30 * count, others.size());
      }
      float[] gradient = x.getGradient().toFloatArray();
      for (int i = 0; i < count; i++) {
        assertEquals(i + 0.5f, gradient[i]);
      }
    }
  }

  @Test
  void aResultJoinsTheManagerAsked() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        NDManager other = manager.newSubManager()) {
      NDArray x = manager.ones(new Shape(2));
      TorchFunction twice = TorchFunction.of("x: Tensor", "return x + x");
      assertTrue(twice.call(x).getManager() == manager);
      NDArray result = twice.call(other, new NDList(x));
      assertTrue(result.getManager() == other);
      assertEquals(4f, result.sum().getFloat());
    }
  }

  @Test
  void listsAndHelpersReachTheScript() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray a = manager.create(new float[] {1, 2});
      NDArray b = manager.create(new float[] {3});
      a.setName("x[]");
      b.setName("x[]");
      NDList doubled =
          TorchFunction.ofList("x: List[Tensor]", "return torch._foreach_mul(x, 2.)")
              .callList(new NDList(a, b));
      assertEquals(2, doubled.size());
      assertEquals(6f, doubled.get(1).getFloat());
      NDArray squared =
          TorchFunction.withHelpers(
                  TorchFunction.helper("square", "x: Tensor", "Tensor", "return x * x"),
                  "x: Tensor",
                  "return self.square(x)")
              .call(manager.create(new float[] {-3}));
      assertEquals(9f, squared.getFloat());
    }
  }

  // -- a slow reference, a random projection and finite differences --

  private static final class Input {
    final double[] values;
    final Shape shape;

    Input(double[] values, Shape shape) {
      this.values = values;
      this.shape = shape;
    }
  }

  private static Input input(double[] values, long... shape) {
    return new Input(values, new Shape(shape));
  }

  private static void check(Function<NDList, NDArray> op, double[] expected, Input... inputs) {
    double[] projection = random(expected.length, 99);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDList arrays = arrays(manager, inputs);
      arrays.forEach(a -> a.setRequiresGradient(true));
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray y = op.apply(arrays);
        float[] actual = y.toFloatArray();
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < actual.length; i++) {
          assertEquals(expected[i], actual[i], 1e-5, "element " + i);
        }
        collector.backward(y.flatten().mul(manager.create(floats(projection))).sum());
      }
      for (int n = 0; n < inputs.length; n++) {
        float[] gradient = arrays.get(n).getGradient().toFloatArray();
        for (int i = 0; i < gradient.length; i += Math.max(1, gradient.length / 7)) {
          double h = 1e-2;
          double up = projected(op, projection, inputs, n, i, h);
          double down = projected(op, projection, inputs, n, i, -h);
          assertEquals((up - down) / (2 * h), gradient[i], 5e-3, "input " + n + ", element " + i);
        }
      }
    }
  }

  private static double projected(
      Function<NDList, NDArray> op, double[] projection, Input[] inputs, int n, int i, double h) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      double kept = inputs[n].values[i];
      inputs[n].values[i] = kept + h;
      float[] y = op.apply(arrays(manager, inputs)).toFloatArray();
      inputs[n].values[i] = kept;
      double sum = 0;
      for (int k = 0; k < y.length; k++) {
        sum += projection[k] * y[k];
      }
      return sum;
    }
  }

  private static NDList arrays(NDManager manager, Input[] inputs) {
    NDList list = new NDList();
    for (Input input : inputs) {
      list.add(manager.create(floats(input.values)).reshape(input.shape));
    }
    return list;
  }

  private static double[] slowGroupNorm(
      double[] x, double[] w, double[] b, int n, int c, int length, int groups) {
    double[] out = new double[x.length];
    int per = c / groups * length;
    for (int g = 0; g < n * groups; g++) {
      double mean = 0;
      for (int i = 0; i < per; i++) {
        mean += x[g * per + i] / per;
      }
      double variance = 0;
      for (int i = 0; i < per; i++) {
        variance += Math.pow(x[g * per + i] - mean, 2) / per;
      }
      for (int i = 0; i < per; i++) {
        int at = g * per + i;
        int channel = at / length % c;
        out[at] = (x[at] - mean) / Math.sqrt(variance + EPS) * w[channel] + b[channel];
      }
    }
    return out;
  }

  private static double[] random(int count, long seed) {
    Random random = new Random(seed);
    return random.doubles(count, -1, 1).toArray();
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }
}
