package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.splat.GaussianArrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdamTest {

  /** Several steps of every group against the formula, written once a number. */
  @Test
  void updatesAreThoseOfTheFormula() {
    Random random = new Random(6);
    int count = 10_000;
    GaussianArrays start = GaussianArrays.zeros(count, 1);
    SplatModel model = new SplatModel(start);
    SplatRates rates = new SplatRates(0.01, 1, 0.02, 0.03, 0.04, 0.05, 0.06);
    double[] rate = {0.01, 0.04, 0.02, 0.03};
    int[] watched = {0, 77, 4095, 4096, 9999};
    double[][] values = new double[watched.length][5];
    double[][] m = new double[watched.length][5];
    double[][] v = new double[watched.length][5];
    for (int step = 1; step <= 5; step++) {
      GaussianArrays gradient = GaussianArrays.zeros(count, 1);
      for (float[] group : gradient.groups()) {
        for (int i = 0; i < group.length; i++) {
          group[i] = (float) (1e-4 * random.nextGaussian());
        }
      }
      new Adam(step).update(model, gradient, rates, 0.01, 3);
      for (int w = 0; w < watched.length; w++) {
        for (int group = 0; group < 5; group++) {
          int each = gradient.groups().get(group).length / count;
          // Of the harmonics the last, of degree 1.
          double g = gradient.groups().get(group)[each * watched[w] + each - 1];
          m[w][group] = 0.9 * m[w][group] + 0.1 * g;
          v[w][group] = 0.999 * v[w][group] + 0.001 * g * g;
          double mean = m[w][group] / (1 - Math.pow(0.9, step));
          double root = Math.sqrt(v[w][group] / (1 - Math.pow(0.999, step)));
          values[w][group] -= (group == 4 ? 0.06 : rate[group]) * mean / (root + 1e-15);
          assertEquals(
              values[w][group],
              model.parameters.groups().get(group)[each * watched[w] + each - 1],
              1e-5);
        }
      }
    }
    assertEquals(0.05, Math.abs(firstStepOfColour()), 1e-6);
  }

  private static float firstStepOfColour() {
    SplatModel model = new SplatModel(GaussianArrays.zeros(1, 1));
    GaussianArrays gradient = GaussianArrays.zeros(1, 1);
    gradient.sh()[2] = 3;
    new Adam(1).update(model, gradient, new SplatRates(0, 1, 0, 0, 0, 0.05, 0.06), 0, 1);
    return model.parameters.sh()[2];
  }
}
