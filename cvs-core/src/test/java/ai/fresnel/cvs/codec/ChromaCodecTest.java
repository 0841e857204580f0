package ai.fresnel.cvs.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import org.junit.jupiter.api.Test;

class ChromaCodecTest {

  private static StateCodec codec(double gain) {
    return StateCodec.of(
        ModelConfig.tiny64().toBuilder().codec(c -> c.withChromaGain(gain)).build());
  }

  @Test
  void greysStayAndColoursMoveAwayFromTheirGrey() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      // Three pixels: grey 0.5, red, and one by hand whose grey is 0.2.
      float[] red = {0.5f, 1, -0.4f};
      float[] green = {0.5f, -1, 0.2f};
      float[] blue = {0.5f, -1, 0.8f};
      NDArray images = manager.create(new Shape(1, 3, 1, 3));
      images.set(concat(red, green, blue));
      NDArray states = codec(4).encode(images);
      float[] expected =
          concat(
              new float[] {0.5f, 5, -2.2f},
              new float[] {0.5f, -3, 0.2f},
              new float[] {0.5f, -3, 2.6f});
      assertArrayEquals(expected, states.toFloatArray(), 1e-5f);
      assertArrayEquals(
          images.toFloatArray(), codec(4).decode(states).toFloatArray(), 1e-5f, "and back");
    }
  }

  @Test
  void aGainOfOneChangesNothing() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray images = manager.zeros(new Shape(1, 3, 2, 2));
      assertSame(images, codec(1).encode(images));
      assertSame(images, codec(1).decode(images));
    }
  }

  private static float[] concat(float[] a, float[] b, float[] c) {
    float[] all = new float[9];
    System.arraycopy(a, 0, all, 0, 3);
    System.arraycopy(b, 0, all, 3, 3);
    System.arraycopy(c, 0, all, 6, 3);
    return all;
  }
}
