package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchRuntime;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The normals that a device makes itself against those of Java. */
class DeviceNoiseTest {

  private static final int PIECE = 1 << 23;

  private static final long[] SEEDS = {
    0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0xFFFFFFFFL, 0xFFFFFFFF00000000L, 0x123456789abcdefL
  };

  /** 786,432 values: every bit of every one. */
  @Test
  void theScriptGivesJavasBits() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Shape shape = new Shape(3, 128, 128);
      for (int stream : new int[] {0, -1}) {
        assertSame(manager, SEEDS, stream, shape, PIECE);
      }
    }
  }

  @Test
  void streamsAreThoseOfJava() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      for (int stream : new int[] {1, 7, 1_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        assertSame(manager, SEEDS, stream, new Shape(64), PIECE);
      }
    }
  }

  @Test
  void anyNumberOfValuesIsMade() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      for (int size = 1; size < 12; size++) {
        assertSame(manager, new long[] {5}, 3, new Shape(size), PIECE);
        assertSame(manager, SEEDS, 3, new Shape(size, 3), PIECE);
      }
      assertSame(manager, SEEDS, 3, new Shape(), PIECE);
    }
  }

  /** Pieces that divide the batch and some that do not, down to those smaller than a sample. */
  @Test
  void aBatchIsMadeInPieces() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      for (int piece : new int[] {1, 14, 15, 16, 30, 45, 100, 120}) {
        assertSame(manager, SEEDS, 2, new Shape(3, 5), piece);
      }
    }
  }

  @Test
  void onlyTheResultIsKept() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray noise = SampleNoise.normalOnDevice(manager, SEEDS, 0, new Shape(5), PIECE);
      assertEquals(manager, noise.getManager());
      assertEquals(1, manager.getManagedArrays().size());
    }
  }

  /** A GPU rounds each operation as a CPU does, so no bit should differ. */
  @Test
  @Tag("gpu")
  void aGpuMakesTheNumbersOfJava() {
    try (NDManager manager = TorchRuntime.newManager(Device.gpu())) {
      Shape shape = new Shape(3, 208, 208);
      NDArray noise = SampleNoise.normal(manager, SEEDS, 1, shape);
      assertEquals(Device.gpu(), noise.getDevice());
      for (int i = 0; i < SEEDS.length; i++) {
        float[] expected = SampleNoise.normal(SEEDS[i], 1, (int) shape.size());
        assertArrayEquals(expected, noise.get(i).toFloatArray(), 1e-6f);
      }
    }
  }

  private static void assertSame(
      NDManager manager, long[] seeds, int stream, Shape shape, int piece) {
    NDArray noise = SampleNoise.normalOnDevice(manager, seeds, stream, shape, piece);
    assertEquals(DataType.FLOAT32, noise.getDataType());
    assertEquals(new Shape(seeds.length).addAll(shape), noise.getShape());
    float[] made = noise.toFloatArray();
    int size = (int) shape.size();
    for (int i = 0; i < made.length; i += size) {
      float[] expected = SampleNoise.normal(seeds[i / size], stream, size);
      for (int k = 0; k < size; k++) {
        // By their bits: 0 and -0 are two numbers here.
        int bits = Float.floatToRawIntBits(made[i + k]);
        assertEquals(Float.floatToRawIntBits(expected[k]), bits, "value " + k + " of a sample");
      }
    }
  }
}
