package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ArrayTest;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscreteScheduleTest extends ArrayTest {

  private static final DiscreteSchedule LDM = DiscreteSchedule.latentDiffusion();

  private static int[] ldm(int steps) {
    return new TimestepSpacing.Ldm().timesteps(1000, steps);
  }

  private static int[] leading(int steps) {
    return new TimestepSpacing.Leading(1).timesteps(1000, steps);
  }

  private static int[] trailing(int steps) {
    return new TimestepSpacing.Trailing().timesteps(1000, steps);
  }

  /** By hand: roots of beta 0.1, 0.25 and 0.4. */
  @Test
  void aBarIsTheProductOfWhatBetasLeave() {
    DiscreteSchedule schedule = DiscreteSchedule.scaledLinear(0.01, 0.16, 3);
    assertEquals(0.99, schedule.alphaBar(0), 1e-15);
    assertEquals(0.99 * 0.9375, schedule.alphaBar(1), 1e-15);
    assertEquals(0.99 * 0.9375 * 0.84, schedule.alphaBar(2), 1e-15);
    assertEquals(Math.sqrt(0.01 / 0.99), schedule.sigma(0), 1e-15);
    assertEquals(DiscreteSchedule.of(0.01, 0.0625, 0.16).sigma(2), schedule.sigma(2), 1e-12);
  }

  /** The two ends that Stable Diffusion's users know. */
  @Test
  void latentDiffusionRunsFromSigma0029To146() {
    assertEquals(1000, LDM.timesteps());
    assertEquals(0.0292, LDM.sigma(0), 5e-5);
    assertEquals(14.6146, LDM.sigma(999), 5e-5);
  }

  @Test
  void latentDiffusionsSpacingRunsMoreStepsThanAskedFor() {
    int[] of75 = ldm(75);
    assertEquals(77, of75.length);
    assertEquals(989, of75[0]);
    assertEquals(976, of75[1]);
    assertEquals(1, of75[76]);
    assertArrayEquals(new int[] {801, 601, 401, 201, 1}, ldm(5));
  }

  @Test
  void leadingSpacingStartsAtTheOffset() {
    int[] of75 = leading(75);
    assertEquals(75, of75.length);
    assertEquals(963, of75[0]);
    assertEquals(950, of75[1]);
    assertEquals(1, of75[74]);
    assertArrayEquals(
        new int[] {800, 600, 400, 200, 0}, new TimestepSpacing.Leading(0).timesteps(1000, 5));
  }

  /** The solver steps of latent consistency models, and stride 62.5, whose halves round to even. */
  @Test
  void trailingSpacingStartsAtTheLast() {
    int[] lcm = IntStream.range(0, 50).map(i -> 999 - 20 * i).toArray();
    assertArrayEquals(lcm, trailing(50));
    assertArrayEquals(new int[] {999, 937, 874, 811, 749}, Arrays.copyOf(trailing(16), 5));
    assertArrayEquals(new int[] {999, 666, 332}, trailing(3));
  }

  @Test
  void gridsEndAtTheFirstTimestepOrAtZero() {
    SigmaGrid grid = LDM.grid(new TimestepSpacing.Leading(1), 2);
    assertArrayEquals(new double[] {LDM.sigma(501), LDM.sigma(1), LDM.sigma(0)}, grid.sigmas());
    // The last step of offset 0 would be no step.
    SigmaGrid without = LDM.grid(new TimestepSpacing.Leading(0), 2);
    assertArrayEquals(new double[] {LDM.sigma(500), LDM.sigma(0)}, without.sigmas());
    SigmaGrid toZero = LDM.gridToZero(new TimestepSpacing.Trailing(), 2);
    assertArrayEquals(new double[] {LDM.sigma(999), LDM.sigma(499), 0}, toZero.sigmas());
  }

  /** In float32, as the network reads it. */
  @ParameterizedTest
  @EnumSource(TimestepRule.class)
  void everyTimestepIsReadExactly(TimestepRule rule) {
    float[] sigmas = new float[1000];
    float[] timesteps = new float[1000];
    for (int t = 0; t < 1000; t++) {
      sigmas[t] = (float) LDM.sigma(t);
      timesteps[t] = t;
      assertEquals(t, LDM.timestep(sigmas[t]));
    }
    NDArray read = rule.timesteps(LDM, manager.create(sigmas));
    assertArrayEquals(timesteps, read.toFloatArray());
  }

  @Test
  void sigmasBetweenTimestepsAreInterpolatedByTheirLogarithm() {
    double sigma = Math.pow(LDM.sigma(500), 0.75) * Math.pow(LDM.sigma(501), 0.25);
    assertEquals(500.25, LDM.timestep(sigma), 1e-9);
    NDArray sigmas = manager.create(new float[] {(float) sigma, 1e-3f, 100, 1e-30f});
    float[] interpolated = TimestepRule.INTERPOLATED.timesteps(LDM, sigmas).toFloatArray();
    assertArrayEquals(new float[] {500.25f, 0, 999, 0}, interpolated, 1e-4f);
    float[] nearest = TimestepRule.NEAREST.timesteps(LDM, sigmas).toFloatArray();
    assertArrayEquals(new float[] {500, 0, 999, 0}, nearest);
    assertEquals(0, LDM.timestep(1e-3));
    assertEquals(999, LDM.timestep(100));
  }

  @Test
  void statesGoIntoEdmTimeAndBack() {
    NDArray noise = manager.create(new float[] {3, -4}, new Shape(1, 2));
    double sigma = LDM.sigma(600);
    NDArray x = LDM.prior(noise, sigma);
    // x0 + sigma * noise over sqrt(aBar) is what the model calls sqrt(aBar) x0 + sqrt(1-aBar)
    // noise.
    assertEquals(3 / Math.sqrt(LDM.alphaBar(600)), x.getFloat(0, 0), 1e-5);
    assertArrayEquals(
        new float[] {3, -4}, LDM.toVariancePreserving(x, sigma).toFloatArray(), 1e-6f);
  }

  @Test
  void badNumbersAreRefused() {
    assertRefused("betas", () -> DiscreteSchedule.of(0.1));
    assertRefused("beta of timestep 1 is 1.0", () -> DiscreteSchedule.of(0.1, 1));
    assertRefused("beta of timestep 0", () -> DiscreteSchedule.scaledLinear(-1, 0.1, 10));
    assertRefused("timesteps is 1,", () -> DiscreteSchedule.scaledLinear(0.1, 0.2, 1));
    double[] drowned = new double[1000];
    Arrays.fill(drowned, 0.5);
    assertRefused("nothing of the signal", () -> DiscreteSchedule.of(drowned));
    assertRefused("offset is -1", () -> new TimestepSpacing.Leading(-1));
    assertRefused("eta is 1.5", () -> new DdimSampler(LDM.grid(new TimestepSpacing.Ldm(), 5), 1.5));
    // Latent diffusion's own code fails here: 37 * 27 + 1 is 1000.
    assertRefused("steps is 37, with which Ldm[] reaches timestep 1000", () -> ldm(37));
    assertRefused("steps is 1000, with which Leading[offset=1] reaches", () -> leading(1000));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1001})
  void countsOfStepsThatCannotBeAreRefused(int steps) {
    assertRefused("steps is " + steps, () -> ldm(steps));
    assertRefused("steps is " + steps, () -> leading(steps));
    assertRefused("steps is " + steps, () -> trailing(steps));
  }

  private static void assertRefused(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertEquals(part, message.contains(part) ? part : message);
  }
}
