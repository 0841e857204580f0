package ai.fresnel.cvs.train.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The depth loss against its formula in plain Java, values and gradients. */
class DepthLossTest {

  private static final int N = 3;
  private static final int SIDE = 4;
  private static final int PIXELS = SIDE * SIDE;
  private static final double[] WEIGHTS = {0.5, 2, 3};

  private final double[] depth = new double[N * PIXELS];
  private final double[] prediction = new double[N * 2 * PIXELS];

  DepthLossTest() {
    Random random = new Random(3);
    for (int i = 0; i < depth.length; i++) {
      // The last sample shows nothing at all.
      boolean there = random.nextInt(3) > 0 && i < 2 * PIXELS;
      depth[i] = there ? (float) (1 + random.nextDouble()) : 0;
    }
    for (int i = 0; i < prediction.length; i++) {
      prediction[i] = (float) random.nextGaussian();
    }
  }

  private double expected(int sample) {
    double far = 0;
    double entropy = 0;
    int count = 0;
    for (int i = 0; i < PIXELS; i++) {
      double z = depth[sample * PIXELS + i];
      double said = prediction[sample * 2 * PIXELS + i];
      double share = 1 / (1 + Math.exp(-prediction[(sample * 2 + 1) * PIXELS + i]));
      if (z > 0) {
        far += Math.abs(said - Math.log(z));
        count++;
      }
      entropy -= Math.log(z > 0 ? share : 1 - share);
    }
    return WEIGHTS[sample] * ((count == 0 ? 0 : far / count) + entropy / PIXELS);
  }

  private double expected() {
    return (expected(0) + expected(1) + expected(2)) / N;
  }

  @Test
  void itIsItsFormulaAndSoAreItsGradients() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray truth = manager.create(floats(depth), new Shape(N, 1, SIDE, SIDE));
      NDArray weights = manager.create(floats(WEIGHTS));
      NDArray said = manager.create(floats(prediction), new Shape(N, 2, SIDE, SIDE));
      said.setRequiresGradient(true);
      NDList labels = new NDList(truth, weights);
      DepthLoss loss = new DepthLoss();
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        float[] each = loss.perSample(said, new Label(truth, weights)).toFloatArray();
        for (int n = 0; n < N; n++) {
          assertEquals(expected(n), each[n], 1e-5 * (1 + expected(n)));
        }
        NDArray value = loss.evaluate(labels, new NDList(said));
        assertEquals(expected(), value.getFloat(), 1e-5);
        collector.backward(value);
      }
      assertFalse(truth.hasGradient() || weights.hasGradient());
      float[] gradient = said.getGradient().toFloatArray();
      double h = 1e-5;
      for (int i = 0; i < prediction.length; i++) {
        double at = prediction[i];
        prediction[i] = at + h;
        double above = expected();
        prediction[i] = at - h;
        double below = expected();
        prediction[i] = at;
        assertEquals((above - below) / (2 * h), gradient[i], 1e-5, "value " + i);
      }
      // What is said of the background's depth is nobody's business.
      for (int i = 0; i < depth.length; i++) {
        int log = Math.floorDiv(i, PIXELS) * 2 * PIXELS + i % PIXELS;
        assertEquals(depth[i] > 0, gradient[log] != 0);
      }
    }
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }
}
