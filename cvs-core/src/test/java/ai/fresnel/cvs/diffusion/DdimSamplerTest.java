package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ArrayTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DdimSamplerTest extends ArrayTest {

  private static final Conditioning NONE = Conditioning.none();
  private static final DiscreteSchedule LDM = DiscreteSchedule.latentDiffusion();
  private static final TimestepSpacing LEADING = new TimestepSpacing.Leading(1);
  private static final SlowDdim SLOW = SlowDdim.scaledLinear(0.00085, 0.012, 1000);

  private static final double[] MEAN = {1, -0.5};
  private static final double[] VARIANCE = {1, 0.04};

  private final GaussianToy toy = GaussianToy.anisotropic();

  /** Predicts the noise of the toy's Gaussian: x is normal, mean sqrt(aBar) m, sum of variances. */
  private static double[] eps(double[] xVp, int timestep) {
    double aBar = SLOW.alphaBar(timestep);
    double[] eps = new double[xVp.length];
    for (int i = 0; i < xVp.length; i++) {
      double centred = xVp[i] - Math.sqrt(aBar) * MEAN[i & 1];
      eps[i] = Math.sqrt(1 - aBar) * centred / (aBar * VARIANCE[i & 1] + 1 - aBar);
    }
    return eps;
  }

  /** The same as v = sqrt(aBar) eps - sqrt(1 - aBar) x0. */
  private static double[] v(double[] xVp, int timestep) {
    double aBar = SLOW.alphaBar(timestep);
    double[] v = eps(xVp, timestep);
    for (int i = 0; i < v.length; i++) {
      double x0 = (xVp[i] - Math.sqrt(1 - aBar) * v[i]) / Math.sqrt(aBar);
      v[i] = Math.sqrt(aBar) * v[i] - Math.sqrt(1 - aBar) * x0;
    }
    return v;
  }

  /** A network in Java that takes whole timesteps only. */
  private static InnerNetwork network(SlowDdim.EpsNetwork slow) {
    return (x, cNoise, c) -> {
      float[] timesteps = cNoise.toFloatArray();
      float[] states = x.toFloatArray();
      float[] out = new float[states.length];
      for (int n = 0; n < timesteps.length; n++) {
        assertEquals(Math.rint(timesteps[n]), timesteps[n]);
        double[] row = {states[2 * n], states[2 * n + 1]};
        double[] predicted = slow.eps(row, (int) timesteps[n]);
        out[2 * n] = (float) predicted[0];
        out[2 * n + 1] = (float) predicted[1];
      }
      return x.getManager().create(out, x.getShape());
    };
  }

  static Stream<Arguments> predictions() {
    return Stream.of(
        Arguments.of(new EpsScaling(LDM), (SlowDdim.EpsNetwork) DdimSamplerTest::eps),
        Arguments.of(
            new EpsScaling(LDM, TimestepRule.NEAREST), (SlowDdim.EpsNetwork) DdimSamplerTest::eps),
        Arguments.of(new VScaling(LDM), (SlowDdim.EpsNetwork) DdimSamplerTest::v));
  }

  /** What a network predicts is a denoiser of the same Gaussian in EDM time. */
  @ParameterizedTest
  @MethodSource("predictions")
  void predictionsBecomeTheDenoiserOfTheGaussian(Scaling scaling, SlowDdim.EpsNetwork slow) {
    NDArray sigma =
        manager.create(new float[] {f(LDM.sigma(0)), f(LDM.sigma(300)), f(LDM.sigma(999))});
    NDArray x = SampleNoise.normal(manager, new long[] {1, 2, 3}, 0, new Shape(2)).mul(5f);
    float[] expected = toy.denoiser().denoise(x, sigma, NONE).toFloatArray();
    float[] got = scaling.wrap(network(slow)).denoise(x, sigma, NONE).toFloatArray();
    assertArrayEquals(expected, got, 2e-5f);
  }

  /** 1 / cOut²: a squared error of x0 times this is the squared error of the prediction. */
  @ParameterizedTest
  @MethodSource("predictions")
  void theWeightIsThatOfThePrediction(Scaling scaling, SlowDdim.EpsNetwork slow) {
    NDArray sigma = manager.create(new float[] {0.05f, 1, 14});
    float[] weight = scaling.lossWeight(sigma).toFloatArray();
    float[] scale = scaling.cOut(sigma).toFloatArray();
    for (int i = 0; i < 3; i++) {
      assertEquals(1, weight[i] * scale[i] * scale[i], 1e-5);
    }
  }

  static Stream<Arguments> runs() {
    return Stream.of(new TimestepSpacing.Ldm(), LEADING, new TimestepSpacing.Trailing())
        .flatMap(spacing -> Stream.of(0.0, 0.3, 1.0).map(eta -> Arguments.of(spacing, eta)));
  }

  /** In the paper's terms, states of preserved variance, one number at a time. */
  @ParameterizedTest
  @MethodSource("runs")
  void drawsWhatThePaperDraws(TimestepSpacing spacing, double eta) {
    int[] timesteps = spacing.timesteps(1000, 7);
    int steps = timesteps.length;
    long[] seeds = {4, 5, 6};
    NDArray noise = SampleNoise.normal(manager, seeds, 0, new Shape(2));
    DdimSampler sampler = new DdimSampler(LDM.grid(spacing, 7), eta);
    assertEquals(steps, sampler.passes());
    NDArray x = LDM.prior(noise, sampler.grid().first());
    Denoiser denoiser = new EpsScaling(LDM).wrap(network(DdimSamplerTest::eps));
    NDArray last = sampler.sample(denoiser, x, StepNoise.seeded(seeds), NONE);
    float[] got = LDM.toVariancePreserving(last, sampler.grid().last()).toFloatArray();
    for (int n = 0; n < 3; n++) {
      double[][] added = new double[steps][];
      for (int i = 0; i < steps; i++) {
        added[i] = doubles(SampleNoise.normal(seeds[n], i + 1, 2));
      }
      double[] first = doubles(SampleNoise.normal(seeds[n], 0, 2));
      double[] expected = SLOW.sample(timesteps, first, added, eta, DdimSamplerTest::eps);
      assertEquals(expected[0], got[2 * n], 1e-5);
      assertEquals(expected[1], got[2 * n + 1], 1e-5);
    }
  }

  private static double[] doubles(float[] values) {
    return new double[] {values[0], values[1]};
  }

  private static float f(double value) {
    return (float) value;
  }

  @Test
  void withoutFreshNoiseItIsEuler() {
    SigmaGrid grid = LDM.gridToZero(LEADING, 20);
    NDArray x = SampleNoise.normal(manager, new long[] {7, 8}, 0, new Shape(2)).mul(10f);
    float[] ddim = new DdimSampler(grid, 0).sample(toy.denoiser(), x, null, NONE).toFloatArray();
    OdeSampler euler = new OdeSampler(OdeSolver.EULER, grid);
    float[] expected = euler.sampleFrom(toy.denoiser(), x, NONE).toFloatArray();
    assertArrayEquals(expected, ddim, 1e-5f);
  }

  /**
   * On a Gaussian each step is linear, so mean and variance are recursions. Standard errors: mean
   * 0.008, variance 1.1 %.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1})
  void freshNoiseGivesTheVarianceOfTheRecursion(double eta) {
    long[] seeds = SampleNoise.seeds(1, 0, 16_000);
    NDArray noise = SampleNoise.normal(manager, seeds, 0, new Shape(2));
    DdimSampler sampler = new DdimSampler(LDM.grid(new TimestepSpacing.Trailing(), 20), eta);
    SigmaGrid grid = sampler.grid();
    NDArray x = LDM.prior(noise, grid.first());
    NDArray samples = sampler.sample(toy.denoiser(), x, StepNoise.seeded(seeds), NONE);
    for (int axis = 0; axis < 2; axis++) {
      double mean = 0;
      double variance = grid.first() * grid.first() + 1;
      for (int i = 0; i < grid.intervals(); i++) {
        double from = grid.sigma(i) * grid.sigma(i);
        double to = grid.sigma(i + 1) * grid.sigma(i + 1);
        double fresh = eta * eta * to * (from - to) / from;
        double stay = Math.sqrt((to - fresh) / from);
        double slope = stay + (1 - stay) * VARIANCE[axis] / (VARIANCE[axis] + from);
        mean = MEAN[axis] + slope * (mean - MEAN[axis]);
        variance = slope * slope * variance + fresh;
      }
      Moments moments = Moments.of(samples, axis);
      assertEquals(mean, moments.mean(), 0.03);
      assertEquals(1, moments.variance() / variance, 0.04);
    }
  }

  @Test
  void aSampleDoesNotDependOnItsBatch() {
    DdimSampler sampler = new DdimSampler(LDM.grid(LEADING, 5), 1);
    NDArray x = SampleNoise.normal(manager, new long[] {1, 2, 3}, 0, new Shape(2)).mul(8f);
    NDArray all = sampler.sample(toy.denoiser(), x, StepNoise.seeded(1, 2, 3), NONE);
    NDArray one = sampler.sample(toy.denoiser(), x.get("1:2"), StepNoise.seeded(2), NONE);
    assertArrayEquals(one.toFloatArray(), all.get("1:2").toFloatArray(), 1e-6f);
  }

  @Test
  void noiseOfAnotherShapeIsRefused() {
    DdimSampler sampler = new DdimSampler(LDM.grid(LEADING, 2), 1);
    NDArray x = manager.ones(new Shape(2, 2));
    StepNoise three = StepNoise.seeded(1, 2, 3);
    StepNoise oneStep = StepNoise.given(manager.ones(new Shape(1, 2, 2)));
    for (StepNoise noise : new StepNoise[] {three, oneStep}) {
      assertThrows(
          IllegalArgumentException.class, () -> sampler.sample(toy.denoiser(), x, noise, NONE));
    }
  }

  /** Only the result stays: a hundred steps leave no more arrays than one. */
  @Test
  void stepsFreeWhatTheyMake() {
    try (NDManager own = manager.newSubManager()) {
      NDArray x = own.ones(new Shape(2, 2));
      int before = own.getManagedArrays().size();
      new DdimSampler(LDM.grid(LEADING, 50), 1)
          .sample(toy.denoiser(), x, StepNoise.seeded(1, 2), NONE);
      new MultistepSampler(LDM.grid(LEADING, 50)).sample(toy.denoiser(), x, NONE);
      assertEquals(before + 2, own.getManagedArrays().size());
    }
  }
}
