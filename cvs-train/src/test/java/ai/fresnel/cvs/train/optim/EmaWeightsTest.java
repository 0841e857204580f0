package ai.fresnel.cvs.train.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.testing.ToyNetwork;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmaWeightsTest {

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final ToyNetwork source = network(2, 8, 1);
  private final ToyNetwork average = network(2, 8, 2);

  @AfterEach
  void close() {
    manager.close();
  }

  private ToyNetwork network(int dimensions, int width, long seed) {
    ToyNetwork network = new ToyNetwork(dimensions, width);
    Weights.initialize(network, manager, seed);
    return network;
  }

  private static Map<String, float[]> values(ToyNetwork network) {
    Map<String, float[]> values = new LinkedHashMap<>();
    Weights.arrays(network).forEach((name, array) -> values.put(name, array.toFloatArray()));
    return values;
  }

  /** Moves every weight of the source, as an update of the optimiser would: in place. */
  private void train(float by) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      Weights.arrays(source).values().forEach(array -> array.muli(1 + by).addi(by));
    }
  }

  @Test
  void startsAsACopyThatIsFrozen() {
    assertFalse(Arrays.equals(flat(average), flat(source)));
    EmaWeights weights = new EmaWeights(source, average);
    assertSame(average, weights.average());
    assertArrayEquals(flat(source), flat(average));
    for (NDArray array : Weights.arrays(average).values()) {
      assertFalse(array.hasGradient());
    }
    for (NDArray array : Weights.arrays(source).values()) {
      assertTrue(array.hasGradient(), "the source is still trained");
    }
    // A copy, not a second name of the same memory.
    float[] before = flat(average);
    train(0.5f);
    assertArrayEquals(before, flat(average));
  }

  @Test
  void movesByTheFormula() {
    EmaWeights weights = new EmaWeights(source, average);
    Map<String, float[]> expected = values(average);
    for (double decay : new double[] {0.9, 0.3, 0.999, 0, 1, 0.5}) {
      train(0.1f);
      Map<String, float[]> current = values(source);
      weights.update(decay);
      assertArrayEquals(flatten(current), flat(source), "the source does not move");
      expected.forEach(
          (name, numbers) -> {
            for (int i = 0; i < numbers.length; i++) {
              numbers[i] = (float) (decay * numbers[i] + (1 - decay) * current.get(name)[i]);
            }
            float[] actual = Weights.arrays(average).get(name).toFloatArray();
            assertArrayEquals(numbers, actual, 1e-5f, name + " after decay " + decay);
          });
    }
  }

  @Test
  void decaysOutOfRangeAreRefused() {
    EmaWeights weights = new EmaWeights(source, average);
    for (double decay : new double[] {-0.1, 1.1, Double.NaN}) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> weights.update(decay));
      assertEquals("decay is " + decay + ", expected 0 to 1", refused.getMessage());
    }
  }

  @Test
  void otherNetworksAreRefused() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> new EmaWeights(source, network(3, 8, 1)));
    assertEquals(
        "in.weight of the average network is (8, 19), expected (8, 18) as in its source",
        refused.getMessage());
    // One value that would fit any shape by being repeated.
    assertThrows(IllegalArgumentException.class, () -> new EmaWeights(source, network(2, 1, 1)));
  }

  /** The decay of a young average grows as (1 + steps)/(10 + steps); the target's is constant. */
  @Test
  void aYoungAverageForgetsItsStart() {
    EmaWeights weights = new EmaWeights(source, average);
    AtomicLong steps = new AtomicLong();
    EmaListener growing = new EmaListener(weights, 0.5, steps::get);
    double[] expected = {2 / 11.0, 3 / 12.0, 4 / 13.0, 5 / 14.0, 6 / 15.0, 7 / 16.0, 8 / 17.0};
    for (int step = 0; step < 12; step++) {
      steps.incrementAndGet();
      double decay = step < expected.length ? expected[step] : 0.5;
      assertMoves(growing, decay);
    }
    assertMoves(new EmaListener(weights, 0.95), 0.95);
  }

  private void assertMoves(EmaListener listener, double decay) {
    train(0.1f);
    float[] before = flat(average);
    float[] current = flat(source);
    listener.onTrainingBatch(null, null);
    float[] after = flat(average);
    for (int i = 0; i < after.length; i++) {
      assertEquals(decay * before[i] + (1 - decay) * current[i], after[i], 1e-5);
    }
  }

  private static float[] flat(ToyNetwork network) {
    return flatten(values(network));
  }

  private static float[] flatten(Map<String, float[]> values) {
    float[] all = new float[values.values().stream().mapToInt(v -> v.length).sum()];
    int at = 0;
    for (float[] part : values.values()) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
