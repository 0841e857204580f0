package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ArrayTest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests both samplers on distributions with known moments. */
class SamplerTest extends ArrayTest {

  private static final Conditioning NONE = Conditioning.none();
  private static final NoiseSchedule EDM = NoiseSchedule.edm();
  // Two axes of 16,000 stay below the size from which libtorch splits an operation over threads.
  private static final int COUNT = 16_000;

  private static final OdeSampler HEUN_64 =
      new OdeSampler(OdeSolver.HEUN, SigmaGrid.karrasToZero(EDM, 64));

  private final GaussianToy gaussian = GaussianToy.anisotropic();

  /** 127 passes end within 3 % of each axis's deviation of the ODE's solution. */
  @Test
  void manyStepsReachTheSolutionFromTheSameNoise() {
    NDArray noise = SampleNoise.normal(manager, SampleNoise.seeds(1, 0, 200), 0, new Shape(2));
    float[] got = HEUN_64.sample(gaussian.denoiser(), noise, NONE).toFloatArray();
    NDArray from = Broadcast.fill(manager, 80, 200);
    float[] truth = gaussian.flow(EDM.prior(noise), from, from.zerosLike()).toFloatArray();
    for (int i = 0; i < got.length; i++) {
      assertEquals(truth[i], got[i], 0.03 * Math.sqrt(gaussian.variance(i & 1)));
    }
  }

  /**
   * On a Gaussian each step is linear, so Heun's whole error is one factor a variance: 1.0448105
   * for 1 and 1.0730381 for 0.04, computed with scalars by EDM's algorithm 1 with 18 sigmas.
   */
  @Test
  void theErrorAtEighteenSigmasIsThatOfHeun() {
    double[] factor = {1.044810456079882, 1.0730380769560666};
    NDArray noise = SampleNoise.normal(manager, SampleNoise.seeds(1, 0, 50), 0, new Shape(2));
    OdeSampler sampler = new OdeSampler(OdeSolver.HEUN, SigmaGrid.karrasToZero(EDM, 18));
    float[] got = sampler.sample(gaussian.denoiser(), noise, NONE).toFloatArray();
    float[] z = noise.toFloatArray();
    for (int i = 0; i < got.length; i++) {
      int axis = i & 1;
      double variance = gaussian.variance(axis);
      double shrink = factor[axis] * Math.sqrt(variance / (variance + 80.0 * 80));
      double expected = gaussian.mean(axis) + shrink * (80 * z[i] - gaussian.mean(axis));
      assertEquals(expected, got[i], 2e-5);
    }
  }

  private void hasTheMomentsOfTheGaussian(NDArray samples) {
    for (int axis = 0; axis < 2; axis++) {
      Moments moments = Moments.of(samples, axis);
      assertEquals(gaussian.mean(axis), moments.mean(), 0.04);
      assertEquals(1, moments.variance() / gaussian.variance(axis), 0.04);
    }
  }

  /** Standard errors: mean 0.007, variance 1 %; the prior at 80 moves the mean by 0.012. */
  @Test
  void manyStepsGiveTheMomentsOfAGaussian() {
    NDArray noise = SampleNoise.normal(manager, SampleNoise.seeds(2, 0, COUNT), 0, new Shape(2));
    NDArray samples = HEUN_64.sample(gaussian.denoiser(), noise, NONE);
    hasTheMomentsOfTheGaussian(samples);
  }

  /** Standard errors: mean 0.01, variance 0.006; the discretisation adds 1 % to the variance. */
  @Test
  void manyStepsGiveTheMomentsOfAMixture() {
    MixtureToy mixture = MixtureToy.twoModes();
    NDArray noise = SampleNoise.normal(manager, SampleNoise.seeds(3, 0, 8000), 0, new Shape(2));
    NDArray samples = HEUN_64.sample(mixture.denoiser(), noise, NONE);
    for (int axis = 0; axis < 2; axis++) {
      Moments moments = Moments.of(samples, axis);
      assertEquals(mixture.mean(axis), moments.mean(), 0.04);
      assertEquals(mixture.variance(axis), moments.variance(), 0.03);
    }
  }

  /** The exact consistency function: any number of passes gives the true moments. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void fewStepsWithTheExactFunctionGiveTheTrueMoments(int passes) {
    double[] sigmas = Arrays.copyOf(new double[] {5, 0.8, 0.1}, passes - 1);
    ConsistencySampler sampler = new ConsistencySampler(EDM, sigmas);
    assertEquals(passes, sampler.passes());
    NDArray samples =
        sampler.sample(
            gaussian.consistency(EDM.sigmaMin()),
            manager,
            SampleNoise.seeds(4, 0, COUNT),
            new Shape(2),
            NONE);
    hasTheMomentsOfTheGaussian(samples);
  }

  /** With f(x) = 0, only noise added after the last pass could remain. */
  @Test
  void nothingIsAddedAfterTheLastPass() {
    Denoiser zero = (x, sigma, c) -> x.zerosLike();
    ConsistencySampler sampler = new ConsistencySampler(EDM, 5, 1);
    NDArray out = sampler.sample(zero, manager, new long[] {1, 2}, new Shape(3), NONE);
    assertArrayEquals(new float[6], out.toFloatArray());
  }

  /**
   * With f the identity, the sample is the sum of its noises, so their sigmas and streams can be
   * checked.
   */
  @Test
  void eachPassAddsItsOwnStreamUpToItsSigma() {
    ConsistencySampler sampler = new ConsistencySampler(new NoiseSchedule(0.6, 10, 7), 1);
    NDArray out =
        sampler.sample((x, sigma, c) -> x.mul(1f), manager, new long[] {7}, new Shape(4), NONE);
    float[] first = SampleNoise.normal(7, 0, 4);
    float[] second = SampleNoise.normal(7, 1, 4);
    float[] got = out.toFloatArray();
    for (int i = 0; i < 4; i++) {
      assertEquals(10 * first[i] + 0.8 * second[i], got[i], 1e-5);
    }
  }

  @Test
  void aSampleDoesNotDependOnItsBatch() {
    ConsistencySampler sampler = new ConsistencySampler(EDM, 2);
    Denoiser f = gaussian.consistency(EDM.sigmaMin());
    NDArray batch = sampler.sample(f, manager, new long[] {5, 6, 7}, new Shape(2), NONE);
    NDArray alone = sampler.sample(f, manager, new long[] {6}, new Shape(2), NONE);
    assertArrayEquals(alone.toFloatArray(), batch.get("1:2").toFloatArray(), 1e-7f);
  }

  @Test
  void aResultThatBelongsToTheDenoiserIsNotClosed() {
    NDArray constant = manager.create(new float[] {1, 2}, new Shape(1, 2));
    ConsistencySampler sampler = new ConsistencySampler(EDM, 5, 1);
    NDArray out = sampler.sample((x, s, c) -> constant, manager, new long[1], new Shape(2), NONE);
    assertArrayEquals(new float[] {1, 2}, constant.toFloatArray());
    assertArrayEquals(new float[] {1, 2}, out.toFloatArray());
  }

  @Test
  void sigmasOutOfOrderAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new ConsistencySampler(EDM, 1, 2));
    assertThrows(IllegalArgumentException.class, () -> new ConsistencySampler(EDM, 80));
    assertThrows(IllegalArgumentException.class, () -> new ConsistencySampler(EDM, 0.002));
    ConsistencySampler sampler = new ConsistencySampler(EDM);
    NDArray noise = manager.ones(new Shape(2, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> sampler.sample(gaussian.denoiser(), noise, new long[1], NONE));
  }

  /** A network that predicts no difference from the mean gives the mean, from any start near it. */
  @Test
  void samplesStartAroundTheMean() {
    NDArray mean = manager.create(new float[] {3, -4, 0.5f, 2}, new Shape(2, 2));
    Conditioning around = NONE.withMean(mean);
    NDArray noise = SampleNoise.normal(manager, new long[] {1, 2}, 0, new Shape(2));
    ConsistencySampler still = new ConsistencySampler(EDM).withTemperature(0);
    Denoiser identity = (x, sigma, c) -> x.duplicate();
    assertArrayEquals(
        mean.toFloatArray(),
        still.sample(identity, noise, new long[] {1, 2}, around).toFloatArray());
    // With deviation 1 of the difference and F = 0, D is the mean and a share of the difference.
    Denoiser residual = new EdmScaling(1).wrap((x, level, c) -> x.mul(0));
    assertArrayEquals(
        HEUN_64.sample(residual, noise, NONE).add(mean).toFloatArray(),
        HEUN_64.sample(residual, noise, around).toFloatArray(),
        1e-5f);
  }

  /** The mean of a dropped condition is 0. */
  @Test
  void aDroppedConditionHasNoMean() {
    NDArray mean = manager.create(new float[] {3, -4, 0.5f, 2}, new Shape(2, 2));
    Conditioning first = NONE.withMean(mean).withKeep(manager.create(new float[] {1, 0}));
    Denoiser residual = new EdmScaling(1).wrap((x, level, c) -> x.mul(0));
    NDArray sigma = Broadcast.fill(manager, 2, 2);
    float[] x0 = residual.denoise(mean.zerosLike(), sigma, first).toFloatArray();
    // cSkip = 1 / (1 + sigma^2)
    assertArrayEquals(new float[] {3 - 3 / 5f, -4 + 4 / 5f, 0, 0}, x0, 1e-6f);
  }
}
