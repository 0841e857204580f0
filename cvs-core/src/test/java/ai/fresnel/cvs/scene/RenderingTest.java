package ai.fresnel.cvs.scene;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchRuntime;
import org.junit.jupiter.api.Test;

/** Tests the named parts of a rendering. */
class RenderingTest {

  private static final ChannelLayout LAYOUT =
      ChannelLayout.empty()
          .with(Rendering.COLOUR, 3)
          .with(Rendering.FEATURES, 0)
          .with(Rendering.OPACITY, 1)
          .with(Rendering.DEPTH, 1);

  @Test
  void partsAreTheirChannels() {
    assertEquals(5, LAYOUT.channels());
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        NDManager sub = manager.newSubManager()) {
      NDArray joined = manager.arange(10f).reshape(2, 5, 1, 1);
      Rendering view = new Rendering(joined, LAYOUT);
      assertArrayEquals(new float[] {0, 1, 2, 5, 6, 7}, view.colour().toFloatArray());
      assertArrayEquals(new float[] {3, 8}, view.opacity().toFloatArray());
      assertArrayEquals(new float[] {4, 9}, view.depth().toFloatArray());
      assertEquals(new Shape(2, 1, 1, 1), view.depth().getShape());
      assertEquals(sub, LAYOUT.part(sub, joined, Rendering.DEPTH).getManager());
    }
  }

  @Test
  void wrongValuesAreRefused() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray joined = manager.zeros(new Shape(2, 4, 1, 1));
      String message =
          assertThrows(IllegalArgumentException.class, () -> new Rendering(joined, LAYOUT))
              .getMessage();
      assertEquals(
          "array has 4 channels, expected 5: {colour=3, features=0, opacity=1, depth=1}", message);
      Rendering view = new Rendering(manager.zeros(new Shape(2, 5, 1, 1)), LAYOUT);
      message =
          assertThrows(IllegalArgumentException.class, () -> view.part("normal")).getMessage();
      assertEquals("no part normal, expected one of [colour, features, opacity, depth]", message);
      assertThrows(IllegalArgumentException.class, () -> LAYOUT.with(Rendering.DEPTH, 1));
    }
  }
}
