package ai.fresnel.cvs.scene;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests compositing against a walk along each ray. */
class CompositingTest {

  private static final int POINTS = 6;
  private static final int RAYS = 4;

  private static float[] randoms(int count, double most) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (most * random.nextDouble());
    }
    return values;
  }

  @Test
  void weightsMatchAWalkAlongTheRay() {
    float[] thickness = randoms(POINTS * RAYS, 1.5);
    float[] values = randoms(2 * POINTS * RAYS, 1);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray t = manager.create(thickness, new Shape(1, 1, POINTS, 2, 2));
      NDArray v = manager.create(values, new Shape(1, 2, POINTS, 2, 2));
      float[] view =
          SceneScript.function(
                  "t: Tensor, v: Tensor",
                  """
                  light = self.light(t)
                  opacity = self.opacity(light)
                  behind = torch.full([1, 2, 1, 1], 0.25)
                  colour = self.over(self.expected(light, v), opacity, behind)
                  return torch.cat([colour, opacity], 1)
                  """)
              .call(t, v)
              .toFloatArray();
      for (int ray = 0; ray < RAYS; ray++) {
        double left = 1;
        double[] sum = new double[2];
        for (int k = 0; k < POINTS; k++) {
          double stopped = left * (1 - Math.exp(-thickness[k * RAYS + ray]));
          for (int c = 0; c < 2; c++) {
            sum[c] += stopped * values[(c * POINTS + k) * RAYS + ray];
          }
          left -= stopped;
        }
        assertEquals(sum[0] + left * 0.25, view[ray], 1e-6);
        assertEquals(sum[1] + left * 0.25, view[RAYS + ray], 1e-6);
        assertEquals(1 - left, view[2 * RAYS + ray], 1e-6);
      }
    }
  }
}
