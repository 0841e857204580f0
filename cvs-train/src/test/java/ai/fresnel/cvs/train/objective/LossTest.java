package ai.fresnel.cvs.train.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.Outputs;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The losses against their formulas in plain Java, values and gradients. */
class LossTest {

  private static final int N = 3;
  private static final int SIZE = 2 * 2 * 5;
  private static final Shape SHAPE = new Shape(N, 2, 2, 5);
  private static final double[] WEIGHTS = {0.5, 2, 7};

  /** A loss of plain numbers: target and prediction are (N, SIZE). */
  private interface Formula {
    double of(double[] target, double[] prediction);
  }

  private static double squares(double[] target, double[] prediction, int sample) {
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      double d = prediction[sample * SIZE + i] - target[sample * SIZE + i];
      sum += d * d;
    }
    return sum;
  }

  private static double denoising(double[] target, double[] prediction) {
    double sum = 0;
    for (int n = 0; n < N; n++) {
      sum += WEIGHTS[n] * squares(target, prediction, n) / SIZE;
    }
    return sum / N;
  }

  private static double pseudoHuber(double[] target, double[] prediction) {
    double c = 0.00054 * Math.sqrt(SIZE);
    double sum = 0;
    for (int n = 0; n < N; n++) {
      sum += WEIGHTS[n] * (Math.sqrt(squares(target, prediction, n) + c * c) - c);
    }
    return sum / N;
  }

  @Test
  void denoisingIsTheWeightedMeanSquare() {
    check(new DenoisingLoss(), LossTest::denoising, 1);
  }

  @Test
  void pseudoHuberFarAway() {
    check(new PseudoHuberLoss(), LossTest::pseudoHuber, 1);
  }

  private static double photometric(double[] target, double[] prediction) {
    double sum = 0;
    for (int i = 0; i < target.length; i++) {
      sum += WEIGHTS[i / SIZE] * Math.abs(prediction[i] - target[i]) / SIZE;
    }
    return sum / N;
  }

  @Test
  void photometricIsTheWeightedMeanDifference() {
    check(new PhotometricLoss(), LossTest::photometric, 1);
  }

  /** Rows of 5 pixels, 2 below each other, of 2 channels. */
  private static double onePass(double[] target, double[] prediction) {
    double sum = photometric(target, prediction) * N;
    for (int i = 0; i < target.length; i++) {
      double d = prediction[i] - target[i];
      if (i % 5 < 4) {
        sum += 0.7 * WEIGHTS[i / SIZE] * Math.abs(prediction[i + 1] - target[i + 1] - d) / 16;
      }
      if (i % 10 < 5) {
        sum += 0.7 * WEIGHTS[i / SIZE] * Math.abs(prediction[i + 5] - target[i + 5] - d) / 10;
      }
    }
    return sum / N;
  }

  @Test
  void onePassAddsTheDifferencesOfNeighbours() {
    check(new OnePassLoss(StateCodec.identity(), 0.7), LossTest::onePass, 1);
  }

  /** Labels of two terms. */
  private record Two(Label first, Label second) {}

  /** Each has its own target and weight; their sum is compared with the same two here. */
  @Test
  void lossesAddUpWithTheirWeights() {
    Objective<Two> sum =
        new Objective<>(
            List.of(
                new Term<>("squares", 3, new DenoisingLoss(), Outputs.X0, Two::first),
                new Term<>("differences", 0.25, new PhotometricLoss(), Outputs.X0, Two::second)));
    TargetLoss both =
        new TargetLoss("both") {
          @Override
          public NDArray perSample(NDArray output, Label label) {
            return sum.label(new Two(label, label)).perSample(Outputs.of(output));
          }
        };
    check(both, (t, p) -> 3 * denoising(t, p) + 0.25 * photometric(t, p), 1);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray ones = manager.ones(new Shape(N));
      NDArray x = manager.zeros(SHAPE);
      // Targets 1 and 2 away: 3·1² + 0.25·2.
      Two labels = new Two(new Label(x.add(1), ones), new Label(x.sub(2), ones));
      NDArray each = sum.label(labels).perSample(Outputs.of(x));
      assertEquals(3.5, each.mean().getFloat(), 1e-6);
    }
  }

  /** Where the distances are about c, neither quadratic nor linear. */
  @Test
  void pseudoHuberNearby() {
    check(new PseudoHuberLoss(), LossTest::pseudoHuber, 0.0005);
  }

  private static void check(TargetLoss loss, Formula formula, double distance) {
    Random random = new Random(5);
    double[] target = new double[N * SIZE];
    double[] prediction = new double[N * SIZE];
    for (int i = 0; i < target.length; i++) {
      // Floats from the start: both sides see the same numbers.
      target[i] = (float) random.nextGaussian();
      prediction[i] = (float) (target[i] + distance * random.nextGaussian());
    }
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray x0 = manager.create(floats(target), SHAPE);
      NDArray weight = manager.create(floats(WEIGHTS));
      NDArray d = manager.create(floats(prediction), SHAPE);
      d.setRequiresGradient(true);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray value = loss.evaluate(new NDList(x0, weight), new NDList(d));
        assertEquals(new Shape(), value.getShape());
        double expected = formula.of(target, prediction);
        assertEquals(expected, value.getFloat(), 1e-4 * expected);
        collector.backward(value);
        // With the others' weights at 0 each sample's own loss is what is left of the mean.
        float[] each = loss.perSample(d, new Label(x0, weight)).toFloatArray();
        assertEquals(N, each.length);
        for (int n = 0; n < N; n++) {
          float[] alone = new float[N];
          alone[n] = (float) WEIGHTS[n];
          NDArray one = loss.evaluate(new NDList(x0, manager.create(alone)), new NDList(d));
          assertEquals(N * one.getFloat(), each[n], 1e-5 * each[n]);
        }
      }
      float[] gradient = d.getGradient().toFloatArray();
      assertFalse(x0.hasGradient() || weight.hasGradient());
      double largest = 0;
      double[] expected = new double[gradient.length];
      for (int i = 0; i < gradient.length; i++) {
        expected[i] = slope(formula, target, prediction, i, distance * 1e-4);
        largest = Math.max(largest, Math.abs(expected[i]));
      }
      for (int i = 0; i < gradient.length; i++) {
        assertEquals(expected[i], gradient[i], 1e-3 * largest, "element " + i);
      }
    }
  }

  /** A prediction that is the target already: the distance has a kink there, its gradient none. */
  @Test
  void pseudoHuberOfNoDistanceHasGradientZero() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray x0 = manager.ones(SHAPE);
      NDArray d = manager.ones(SHAPE);
      d.setRequiresGradient(true);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray value =
            new PseudoHuberLoss()
                .evaluate(new NDList(x0, manager.ones(new Shape(N))), new NDList(d));
        assertEquals(0, value.getFloat());
        collector.backward(value);
      }
      for (float g : d.getGradient().toFloatArray()) {
        assertEquals(0, g);
      }
    }
  }

  private static double slope(
      Formula formula, double[] target, double[] prediction, int i, double h) {
    double at = prediction[i];
    prediction[i] = at + h;
    double above = formula.of(target, prediction);
    prediction[i] = at - h;
    double below = formula.of(target, prediction);
    prediction[i] = at;
    return (above - below) / (2 * h);
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }
}
