package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SeedMeanTest {

  @Test
  void meanAndSpreadOfSamples() {
    SeedMean samples = new SeedMean(4);
    samples.add(new float[] {0, 1, 0.5f, -1});
    samples.add(new float[] {1, 1, 0.5f, 0});
    samples.add(new float[] {2, 1, 0.5f, 1});
    assertArrayEquals(new float[] {1, 1, 0.5f, 0}, samples.mean(), 1e-6f);
    // By count - 1 the deviations are 1, 0, 0 and 1.
    assertEquals(0.5, samples.diversity(0, 2), 1e-9);
    assertEquals(0, samples.diversity(1, 3), 1e-9);
    assertEquals(0.5, samples.diversity(0, 4), 1e-9);
  }
}
