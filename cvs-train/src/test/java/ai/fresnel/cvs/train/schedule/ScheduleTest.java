package ai.fresnel.cvs.train.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void theRateRisesLinearlyThenFallsAlongACosine() {
    WarmupCosine rate = new WarmupCosine(2e-3, 100, 1100, 0.1);
    assertEquals(2e-5, rate.rate(0), 1e-12);
    assertEquals(1e-3, rate.rate(49), 1e-12);
    assertEquals(2e-3, rate.rate(100), 1e-12);
    // A quarter, a half, the whole of the way down from 2e-3 to 2e-4.
    assertEquals(2e-4 + 1.8e-3 * 0.5 * (1 + Math.sqrt(0.5)), rate.rate(350), 1e-12);
    assertEquals(1.1e-3, rate.rate(600), 1e-12);
    assertEquals(2e-4, rate.rate(1100), 1e-12);
    assertEquals(2e-4, rate.rate(5000), 1e-12);
    assertEquals(1.1e-3f, rate.getNewValue(600));
    for (long samples = 1; samples < 100; samples++) {
      assertTrue(rate.rate(samples) > rate.rate(samples - 1), "at " + samples);
    }
    for (long samples = 101; samples <= 1100; samples++) {
      assertTrue(rate.rate(samples) < rate.rate(samples - 1), "at " + samples);
    }
  }

  @Test
  void theRateOfOddLengthsIsFinite() {
    assertEquals(1, new WarmupCosine(1, 0, 1, 0).rate(0), 0);
    assertEquals(0, new WarmupCosine(1, 0, 1, 0).rate(1), 1e-12);
    assertEquals(0.1, new WarmupCosine(1, 10, 10, 0).rate(0), 1e-12);
    // A warm-up longer than the run never gets to the peak.
    assertEquals(0.05, new WarmupCosine(1, 100, 10, 0).rate(4), 1e-12);
    assertEquals(3, new WarmupCosine(3, 0, 100, 1).rate(77), 1e-12);
  }

  @Test
  void phasesShareTheRunEvenly() {
    IntervalSchedule schedule = new IntervalSchedule(List.of(4, 8, 16, 64));
    double[] progress = {0, 0.2499, 0.25, 0.4999, 0.5, 0.75, 0.9999, 1, 1.5, -1};
    int[] expected = {4, 4, 8, 8, 16, 64, 64, 64, 64, 4};
    for (int i = 0; i < progress.length; i++) {
      assertEquals(expected[i], schedule.intervals(progress[i]), "at " + progress[i]);
    }
    assertEquals(5, new IntervalSchedule(List.of(5)).intervals(0.7));
  }

  @Test
  void phasesOutOfRangeAreNamed() {
    for (List<Integer> phases : List.of(List.<Integer>of(), List.of(4, 0), List.of(1_000_001))) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> new IntervalSchedule(phases));
      assertTrue(refused.getMessage().startsWith("phases is " + phases), refused.getMessage());
    }
  }

  @Test
  void levelsAreLogNormal() {
    int n = 20_000;
    double[] sigmas = new LogNormalSigmas(-0.6, 1.4).draw(SampleNoise.seeds(3, 0, n), 1);
    double sum = 0;
    double squares = 0;
    double cubes = 0;
    for (double sigma : sigmas) {
      double z = (Math.log(sigma) + 0.6) / 1.4;
      sum += z;
      squares += z * z;
      cubes += z * z * z;
    }
    // Four standard errors: 1/√n, √2/√n, √15/√n.
    assertEquals(0, sum / n, 4 / Math.sqrt(n));
    assertEquals(1, squares / n, 4 * Math.sqrt(2.0 / n));
    assertEquals(0, cubes / n, 4 * Math.sqrt(15.0 / n));
  }

  @Test
  void aLevelDependsOnItsSeedAndStreamOnly() {
    LogNormalSigmas levels = new LogNormalSigmas(0, 1);
    double[] together = levels.draw(new long[] {5, 6, 7}, 1);
    assertArrayEquals(new double[] {together[2]}, levels.draw(new long[] {7}, 1));
    assertArrayEquals(new double[] {together[1], together[0]}, levels.draw(new long[] {6, 5}, 1));
    assertTrue(levels.draw(new long[] {5}, 2)[0] != together[0]);
    assertTrue(together[0] != together[1]);
  }

  private static final NoiseSchedule EDM = NoiseSchedule.edm();
  private static final LogNormalSigmas ICT = new LogNormalSigmas(-1.1, 2);

  /** Pairs of 20,000 samples in the second of two phases. */
  private static List<SigmaPairs.Pair> pairs(SigmaPairs levels) {
    long[] seeds = SampleNoise.seeds(4, 0, 20_000);
    List<SigmaPairs.Pair> pairs = levels.draw(EDM, seeds, 3, 0.5);
    assertEquals(pairs, levels.draw(EDM, seeds, 3, 0.75));
    for (SigmaPairs.Pair pair : pairs) {
      assertTrue(pair.sigma() <= 80 && pair.sigmaNext() >= 0.002, pair.toString());
      assertTrue(pair.sigmaNext() < pair.sigma(), pair.toString());
    }
    return pairs;
  }

  private static IntervalSchedule phases(int second) {
    return new IntervalSchedule(List.of(3, second));
  }

  /** sigma of EDM's grid of 10, equation 5, counted from the clean end. */
  private static double level(int i) {
    double max = Math.pow(80, 1 / 7.0);
    double min = Math.pow(0.002, 1 / 7.0);
    return Math.pow(min + i / 10.0 * (max - min), 7);
  }

  private static double[] shares(List<SigmaPairs.Pair> pairs) {
    double[] shares = new double[10];
    for (SigmaPairs.Pair pair : pairs) {
      int i = 0;
      while (level(i + 1) < pair.sigma() * (1 - 1e-9)) {
        i++;
      }
      assertEquals(level(i + 1), pair.sigma(), 1e-9 * pair.sigma());
      assertEquals(level(i), pair.sigmaNext(), 1e-9 * pair.sigmaNext());
      shares[i] += 1.0 / pairs.size();
    }
    return shares;
  }

  @Test
  void gridPairsAreNeighboursOfOneChance() {
    for (double share : shares(pairs(new GridSigmas(phases(10))))) {
      assertEquals(0.1, share, 0.01);
    }
  }

  /** The normal's integral over an interval's logarithms, by the trapezoid rule. */
  @Test
  void logNormalGridPairsComeAsOftenAsTheirLevels() {
    double[] expected = new double[10];
    double whole = 0;
    for (int i = 0; i < 10; i++) {
      double low = Math.log(level(i));
      double step = (Math.log(level(i + 1)) - low) / 1000;
      for (int k = 0; k < 1000; k++) {
        double z = (low + (k + 0.5) * step + 1.1) / 2;
        expected[i] += Math.exp(-z * z / 2) * step;
      }
      whole += expected[i];
    }
    double[] shares = shares(pairs(new LogNormalGridSigmas(phases(10), ICT)));
    for (int i = 0; i < 10; i++) {
      assertEquals(expected[i] / whole, shares[i], 0.01, "interval " + i);
    }
  }

  /**
   * Geng et al. 2024: r = t·(1 − n(t)/q^a) with n(t) = 1 + 8·sigmoid(−t), and none below sigmaMin.
   */
  @Test
  void ratioPairsAreApartByAShare() {
    double sum = 0;
    int clean = 0;
    for (SigmaPairs.Pair pair : pairs(new RatioSigmas(phases(16), ICT))) {
      double t = pair.sigma();
      double r = t * (1 - (1 + 8 / (1 + Math.exp(t))) / 16);
      assertEquals(Math.max(0.002, r), pair.sigmaNext(), 1e-12);
      assertTrue(t >= 0.004, pair.toString());
      clean += pair.sigmaNext() == 0.002 ? 1 : 0;
      sum += Math.log(t);
    }
    // A little above the mean: what is below twice sigmaMin, 1.5 % of all, is drawn again.
    assertEquals(-1.04, sum / 20_000, 0.06);
    assertTrue(clean < 100, clean + " pairs end at sigmaMin");
    for (SigmaPairs.Pair pair : pairs(new RatioSigmas(phases(1), ICT))) {
      assertEquals(0.002, pair.sigmaNext());
    }
  }

  @Test
  void aDistributionThatMissesTheRangeGivesItsEnds() {
    long[] seeds = {1, 2, 3};
    assertArrayEquals(
        new double[] {5, 5, 5}, new LogNormalSigmas(9, 0.1).drawWithin(seeds, 0, 2, 5));
    assertArrayEquals(
        new double[] {2, 2, 2}, new LogNormalSigmas(-9, 0.1).drawWithin(seeds, 0, 2, 5));
  }
}
