package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NearestPointsTest {

  @Test
  void distancesAreThoseOfAllPairs() {
    Random random = new Random(2);
    for (int count : new int[] {2, 3, 4, 5, 16, 17, 40, 700}) {
      float[] points = new float[3 * count];
      for (int i = 0; i < points.length; i++) {
        // Many points share a coordinate, some a place.
        points[i] = random.nextInt(10) * (i % 3 + 1);
      }
      assertArrayEquals(slow(points, 3), NearestPoints.meanDistances(points, 3), 1e-5f);
    }
  }

  private static float[] slow(float[] points, int others) {
    int count = points.length / 3;
    float[] means = new float[count];
    for (int i = 0; i < count; i++) {
      double[] distances = new double[count - 1];
      int next = 0;
      for (int j = 0; j < count; j++) {
        if (i != j) {
          double dx = points[3 * i] - points[3 * j];
          double dy = points[3 * i + 1] - points[3 * j + 1];
          double dz = points[3 * i + 2] - points[3 * j + 2];
          distances[next++] = Math.sqrt(dx * dx + dy * dy + dz * dz);
        }
      }
      Arrays.sort(distances);
      means[i] = (float) Arrays.stream(distances).limit(others).average().orElseThrow();
    }
    return means;
  }

  @Test
  void aPointAloneHasAUnit() {
    assertEquals(1, NearestPoints.meanDistances(new float[3], 3)[0]);
  }

  @Test
  void equalPointsEnd() {
    float[] distances = NearestPoints.meanDistances(new float[3000], 3);
    assertEquals(0, distances[999]);
  }
}
