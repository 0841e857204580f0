package ai.fresnel.cvs.train.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The loss of images, given their states, against plain loops and finite differences. */
class RenderingLossTest {

  private static final int N = 2;
  private static final int LARGE = 6;
  private static final int SMALL = 3;
  private static final double[] WEIGHTS = {0.5, 3};

  /** Images are compared, each pixel of the view with the mean of the truth's it covers. */
  private static double slowly(float[] truth, float[] view) {
    double sum = 0;
    for (int i = 0; i < view.length; i++) {
      int n = i / (3 * SMALL * SMALL);
      int x = i % SMALL;
      int y = Math.floorDiv(i, SMALL) % SMALL;
      int c = Math.floorDiv(i, SMALL * SMALL) % 3;
      double mean = 0;
      for (int k = 0; k < 4; k++) {
        int row = 2 * y + Math.floorDiv(k, 2);
        mean += truth[((n * 3 + c) * LARGE + row) * LARGE + 2 * x + k % 2] / 4;
      }
      double d = view[i] - mean;
      sum += WEIGHTS[n] * d * d / (3 * SMALL * SMALL);
    }
    return sum / N;
  }

  private static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }

  @Test
  void viewsAreComparedAsImages() {
    float[] truth = random(N * 3 * LARGE * LARGE, 1);
    float[] view = random(N * 3 * SMALL * SMALL, 2);
    StateCodec codec = StateCodec.of(ModelConfig.tiny64());
    RenderingLoss loss = new RenderingLoss(codec);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray x0 = codec.encode(manager.create(truth, new Shape(N, 3, LARGE, LARGE)));
      NDArray states = codec.encode(manager.create(view, new Shape(N, 3, SMALL, SMALL)));
      NDArray weight = manager.create(new float[] {0.5f, 3});
      states.setRequiresGradient(true);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray value = loss.evaluate(new NDList(x0, weight), new NDList(states));
        assertEquals(slowly(truth, view), value.getFloat(), 1e-5);
        collector.backward(value);
      }
      // A step of an image's grey, all channels alike, is the same step of its state.
      float[] gradient = states.getGradient().toFloatArray();
      int plane = SMALL * SMALL;
      for (int pixel = 0; pixel < plane; pixel++) {
        float h = 1e-3f;
        float[] up = view.clone();
        float[] down = view.clone();
        double along = 0;
        for (int c = 0; c < 3; c++) {
          up[c * plane + pixel] += h;
          down[c * plane + pixel] -= h;
          along += gradient[c * plane + pixel];
        }
        assertEquals((slowly(truth, up) - slowly(truth, down)) / (2.0 * h), along, 1e-4);
      }
    }
  }
}
