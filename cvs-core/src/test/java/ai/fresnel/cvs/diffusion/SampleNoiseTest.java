package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SampleNoiseTest {

  private static final int COUNT = 1_000_000;

  /** The known answers of Random123's kat_vectors. */
  @Test
  void philoxGivesTheKnownAnswers() {
    assertPhilox(
        new int[] {0, 0, 0, 0, 0, 0}, new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    assertPhilox(
        new int[] {-1, -1, -1, -1, -1, -1},
        new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    assertPhilox(
        new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0},
        new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  }

  private static void assertPhilox(int[] in, int[] expected) {
    int[] out = new int[4];
    Philox4x32.block(in[0], in[1], in[2], in[3], in[4], in[5], out);
    assertArrayEquals(expected, out);
  }

  /** Standard errors with a million numbers: mean 0.001, variance 0.0014, fourth moment 0.01. */
  @Test
  void normalsHaveTheMomentsOfANormal() {
    float[] z = SampleNoise.normal(7, 0, COUNT);
    Moments moments = Moments.of(z);
    assertEquals(0, moments.mean(), 0.005);
    assertEquals(1, moments.variance(), 0.007);
    double third = 0;
    double fourth = 0;
    for (float v : z) {
      third += Math.pow(v, 3) / COUNT;
      fourth += Math.pow(v, 4) / COUNT;
    }
    assertEquals(0, third, 0.02);
    assertEquals(3, fourth, 0.05);
  }

  /** The shares of a normal below -2, -1, ..., 2; the standard error is at most 0.0005. */
  @Test
  void normalsHaveTheDistributionOfANormal() {
    float[] z = SampleNoise.normal(-3, 5, COUNT);
    double[] share = {0.0227501, 0.1586553, 0.5, 0.8413447, 0.9772499};
    for (int i = 0; i < share.length; i++) {
      int below = 0;
      for (float v : z) {
        below += v < i - 2 ? 1 : 0;
      }
      assertEquals(share[i], (double) below / COUNT, 0.0025);
    }
  }

  /** Both numbers of a pair against Box and Muller's formula with the library's functions. */
  @Test
  void normalsAreBoxAndMullersOfTheWords() {
    long seed = 0x123456789abcdefL;
    float[] z = SampleNoise.normal(seed, 3, 4000);
    int[] word = new int[4];
    for (int i = 0; i < z.length; i += 2) {
      Philox4x32.block(i / 4, 0, 3, 0, (int) seed, (int) (seed >>> 32), word);
      double u = (Integer.toUnsignedLong(word[i & 2]) + 0.5) / 4294967296.0;
      double radius = Math.sqrt(-2 * Math.log(u));
      assertEquals(radius, Math.hypot(z[i], z[i + 1]), 1e-6 * Math.max(1, radius));
      int bits = word[(i & 2) + 1];
      double eighth = ((bits & 0x1FFFFFFF) + 0.5) / 0x1p29 * Math.PI / 4;
      boolean swap = (bits >>> 29 & 1) == 1;
      double across = (bits >>> 30 & 1) == 1 ? -1 : 1;
      double up = bits >>> 31 == 1 ? -1 : 1;
      double angle = swap ? Math.PI / 2 - eighth : eighth;
      assertEquals(across * radius * Math.cos(angle), z[i], 1e-6);
      assertEquals(up * radius * Math.sin(angle), z[i + 1], 1e-6);
    }
  }

  @Test
  void neighboursStreamsAndSeedsAreUncorrelated() {
    float[] z = SampleNoise.normal(11, 0, COUNT);
    assertEquals(0, correlation(z, Arrays.copyOfRange(z, 1, COUNT)), 0.005);
    assertEquals(0, correlation(z, Arrays.copyOfRange(z, 2, COUNT)), 0.005);
    assertEquals(0, correlation(z, SampleNoise.normal(11, 1, COUNT)), 0.005);
    assertEquals(0, correlation(z, SampleNoise.normal(12, 0, COUNT)), 0.005);
    assertEquals(0, correlation(z, SampleNoise.uniform(11, 0, COUNT)), 0.005);
  }

  private static double correlation(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < b.length; i++) {
      sum += a[i] * b[i];
    }
    return sum / b.length;
  }

  @Test
  void uniformsFillTheUnitInterval() {
    float[] u = SampleNoise.uniform(5, 2, COUNT);
    Moments moments = Moments.of(u);
    assertEquals(0.5, moments.mean(), 0.0015);
    assertEquals(1.0 / 12, moments.variance(), 0.0005);
    for (float v : u) {
      assertTrue(v >= 0 && v < 1);
    }
  }

  @Test
  void aShorterSequenceBeginsALongerOne() {
    float[] normals = SampleNoise.normal(9, 4, 1003);
    float[] uniforms = SampleNoise.uniform(9, 4, 1003);
    for (int count = 0; count < 12; count++) {
      assertArrayEquals(Arrays.copyOf(normals, count), SampleNoise.normal(9, 4, count));
      assertArrayEquals(Arrays.copyOf(uniforms, count), SampleNoise.uniform(9, 4, count));
    }
  }

  @Test
  void aSampleDoesNotDependOnItsBatch() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Shape shape = new Shape(3, 5);
      NDArray batch = SampleNoise.normal(manager, new long[] {1, 42, 3}, 2, shape);
      NDArray alone = SampleNoise.normal(manager, new long[] {42}, 2, shape);
      assertEquals(new Shape(3, 3, 5), batch.getShape());
      assertArrayEquals(alone.toFloatArray(), batch.get(1).toFloatArray());
      assertArrayEquals(SampleNoise.normal(42, 2, 15), alone.toFloatArray());
      NDArray uniforms = SampleNoise.uniform(manager, new long[] {1, 42}, 2, shape);
      assertArrayEquals(SampleNoise.uniform(42, 2, 15), uniforms.get(1).toFloatArray());
    }
  }

  @Test
  void seedsAreDistinctAndComeInParts() {
    long[] all = SampleNoise.seeds(1, 0, 10_000);
    assertEquals(10_000, Arrays.stream(all).distinct().count());
    assertArrayEquals(Arrays.copyOfRange(all, 100, 200), SampleNoise.seeds(1, 100, 100));
    assertTrue(all[0] != SampleNoise.seeds(2, 0, 1)[0]);
  }
}
