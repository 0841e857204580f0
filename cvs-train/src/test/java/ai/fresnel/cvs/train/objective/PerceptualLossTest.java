package ai.fresnel.cvs.train.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.lpips.LpipsFixture;
import ai.fresnel.cvs.train.lpips.LpipsNet;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** LPIPS as a loss of states that are not images themselves. */
class PerceptualLossTest {

  private static final int SIDE = 32;
  private static final int N = 2;

  @Test
  void itIsTheDistanceOfTheImagesWithAWeight() throws IOException {
    ModelConfig config = ModelConfig.tiny64().toBuilder().codec(c -> c.withChromaGain(4)).build();
    StateCodec codec = StateCodec.of(config);
    float[][] images = LpipsFixture.images(SIDE, SIDE);
    Shape shape = new Shape(N, 3, SIDE, SIDE);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Lpips lpips = LpipsFixture.lpips(LpipsNet.ALEX, 0, manager)) {
      NDArray a = manager.create(images[0], shape);
      NDArray b = manager.create(images[1], shape);
      float[] distances = lpips.distance(a, b).toFloatArray();
      NDArray predicted = codec.encode(a).duplicate();
      predicted.setRequiresGradient(true);
      NDArray target = codec.encode(b);
      NDArray weight = manager.create(new float[] {0.5f, 0});
      PerceptualLoss loss = new PerceptualLoss(lpips, codec);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray each = loss.perSample(predicted, new Label(target, weight));
        assertEquals(0.5 * distances[0], each.toFloatArray()[0], 1e-4 * distances[0]);
        assertEquals(0, each.toFloatArray()[1]);
        collector.backward(each.mean());
      }
      float[] slope = predicted.getGradient().toFloatArray();
      // Along the gradient the loss rises by its length, to first order.
      double square = 0;
      for (float g : slope) {
        square += (double) g * g;
      }
      float step = (float) (1e-2 / Math.sqrt(square));
      NDArray along = manager.create(slope, shape).mul(step);
      NDList labels = new NDList(target, weight);
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        double above = loss.evaluate(labels, new NDList(predicted.add(along))).getFloat();
        double below = loss.evaluate(labels, new NDList(predicted.sub(along))).getFloat();
        assertEquals(Math.sqrt(square), (above - below) / 2e-2, 0.02 * Math.sqrt(square));
      }
      assertFalse(target.hasGradient());
      for (int i = slope.length / 2; i < slope.length; i++) {
        assertEquals(0, slope[i]);
      }
      assertTrue(square > 0);
    }
  }
}
