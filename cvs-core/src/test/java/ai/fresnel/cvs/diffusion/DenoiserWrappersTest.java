package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.ArrayTest;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DenoiserWrappersTest extends ArrayTest {

  private static final Conditioning NONE = Conditioning.none();
  private static final double SIGMA_MIN = 0.002;

  /** A function that depends on x, sigma, tokens and keep. */
  private static final Denoiser CONDITIONAL =
      (x, sigma, c) -> {
        NDArray condition = c.tokens().mean(new int[] {2}).mean(new int[] {1}).mul(c.keep());
        return x.mul(Broadcast.expand(sigma.add(1f), x)).add(Broadcast.expand(condition, x)).sin();
      };

  private NDArray x;

  @BeforeEach
  void open() {
    x = SampleNoise.normal(manager, new long[] {1, 2, 3}, 0, new Shape(2, 4));
  }

  @Test
  void aConsistencyFunctionIsTheIdentityAtSigmaMin() {
    Denoiser wild = (states, sigma, c) -> states.mul(-1e3f).add(12345f);
    ConsistencyFunction f = new ConsistencyFunction(wild, SIGMA_MIN);
    NDArray sigma = Broadcast.fill(manager, SIGMA_MIN, 3);
    assertArrayEquals(x.toFloatArray(), f.denoise(x, sigma, NONE).toFloatArray(), 1e-6f);
    NDArray mixed = manager.create(new float[] {1, (float) SIGMA_MIN, 80});
    float[] row = f.denoise(x, mixed, NONE).get("1:2").toFloatArray();
    assertArrayEquals(x.get("1:2").toFloatArray(), row, 1e-6f);
  }

  @Test
  void aConsistencyFunctionIsEulersStepToSigmaMin() {
    Denoiser wild = (states, sigma, c) -> states.sin();
    NDArray sigma = manager.create(new float[] {0.01f, 1, 80});
    NDArray f = new ConsistencyFunction(wild, SIGMA_MIN).denoise(x, sigma, NONE);
    float[] expected = x.toFloatArray();
    float[] sigmas = sigma.toFloatArray();
    for (int i = 0; i < expected.length; i++) {
      double state = expected[i];
      double current = sigmas[i / 8];
      expected[i] = (float) (state + (SIGMA_MIN - current) * (state - Math.sin(state)) / current);
    }
    assertArrayEquals(expected, f.toFloatArray(), 1e-5f);
  }

  /** The fold of the Javadoc: one preconditioning of the same form. */
  @Test
  void aConsistencyFunctionFoldsWithPreconditioning() {
    Scaling p = new EdmScaling(0.5);
    ConsistencyFunction f =
        new ConsistencyFunction(p.wrap((states, cNoise, c) -> states.tanh()), SIGMA_MIN);
    double sigma = 0.3;
    double skip = SIGMA_MIN / sigma;
    double total = Math.sqrt(sigma * sigma + 0.25);
    double scaleX = skip + (1 - skip) * 0.25 / (total * total);
    double scaleF = (1 - skip) * sigma * 0.5 / total;
    float[] expected = x.toFloatArray();
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) (scaleX * expected[i] + scaleF * Math.tanh(expected[i] / total));
    }
    NDArray got = f.denoise(x, Broadcast.fill(manager, sigma, 3), NONE);
    assertArrayEquals(expected, got.toFloatArray(), 1e-5f);
  }

  private Conditioning conditions() {
    NDArray tokens = SampleNoise.normal(manager, new long[] {7, 8, 9}, 1, new Shape(5, 6));
    return NONE.withTokens(tokens).withKeep(manager.ones(new Shape(3)));
  }

  @Test
  void guidanceIsTheFormulaOfTwoCalls() {
    Conditioning c = conditions();
    NDArray sigma = manager.create(new float[] {0.1f, 1, 2});
    NDArray conditional = CONDITIONAL.denoise(x, sigma, c);
    NDArray unconditional = CONDITIONAL.denoise(x, sigma, c.asNull());
    float[] expected = conditional.mul(3.5f).sub(unconditional.mul(2.5f)).toFloatArray();
    float[] got = Guidance.of(CONDITIONAL, 2.5).denoise(x, sigma, c).toFloatArray();
    assertArrayEquals(expected, got, 1e-5f);
    assertSame(CONDITIONAL, Guidance.of(CONDITIONAL, 0));
  }

  @Test
  void guidanceTakesAWeightPerSample() {
    NDArray weights = manager.create(new float[] {0, 1, 4});
    Conditioning c = conditions();
    NDArray sigma = manager.create(new float[] {0.1f, 1, 2});
    Denoiser blind =
        (states, s, given) -> {
          assertEquals(null, given.guidance());
          return CONDITIONAL.denoise(states, s, given);
        };
    NDArray w = weights.reshape(3, 1, 1);
    NDArray conditional = CONDITIONAL.denoise(x, sigma, c);
    NDArray unconditional = CONDITIONAL.denoise(x, sigma, c.asNull());
    NDArray expected = conditional.mul(w.add(1f)).sub(unconditional.mul(w));
    NDArray got = Guidance.perSample(blind).denoise(x, sigma, c.withGuidance(weights));
    assertArrayEquals(expected.toFloatArray(), got.toFloatArray(), 1e-5f);
    Denoiser guided = Guidance.perSample(blind);
    assertThrows(IllegalArgumentException.class, () -> guided.denoise(x, sigma, c));
    Denoiser fixed = Guidance.of(blind, 1);
    assertThrows(IllegalArgumentException.class, () -> fixed.denoise(x, sigma, NONE));
  }

  /**
   * Scale 3 away from zeros, as Zero123's demo samples: u + 3 (c - u), u of zeros in place of the
   * tokens that the network reads, which keeps all conditions.
   */
  @Test
  void guidanceByScaleLeadsAwayFromZeros() {
    Conditioning c = conditions();
    NDArray sigma = manager.create(new float[] {0.1f, 1, 2});
    NDArray conditional = CONDITIONAL.denoise(x, sigma, c);
    NDArray ofZeros = CONDITIONAL.denoise(x, sigma, c.withTokens(c.tokens().zerosLike()));
    NDArray expected = ofZeros.add(conditional.sub(ofZeros).mul(3f));
    Denoiser guided = Guidance.of(CONDITIONAL, Guidance.weightOfScale(3), NullCondition.ZEROS);
    assertArrayEquals(expected.toFloatArray(), guided.denoise(x, sigma, c).toFloatArray(), 1e-5f);
    Denoiser perSample = Guidance.perSample(CONDITIONAL, NullCondition.ZEROS);
    NDArray weights = Broadcast.fill(manager, 2, 3);
    assertArrayEquals(
        expected.toFloatArray(),
        perSample.denoise(x, sigma, c.withGuidance(weights)).toFloatArray(),
        1e-5f);
  }

  @Test
  void zerosReplaceWhatTheNetworkReads() {
    NDArray ones = manager.ones(new Shape(2, 3));
    Conditioning zeros = new Conditioning(ones, ones, ones, ones, null, null, null).asZeros();
    for (NDArray field : new NDArray[] {zeros.state(), zeros.tokens(), zeros.pose()}) {
      assertArrayEquals(new float[6], field.toFloatArray());
    }
    assertSame(ones, zeros.cameras());
    assertSame(NONE.tokens(), NONE.asZeros().tokens());
  }

  /** Every public function leaves its result on the manager of its argument and nothing else. */
  @Test
  void intermediatesAreFreed() {
    Conditioning c = conditions();
    NDArray sigma = manager.create(new float[] {0.1f, 1, 2});
    NDArray next = manager.create(new float[] {0.05f, 0, 1});
    // A careless network, which leaks on every manager it gets.
    Denoiser network =
        new EdmScaling(0.5).wrap((s, noise, given) -> s.add(given.tokens().sum().add(noise.sum())));
    assertLeavesOne(() -> network.denoise(x, sigma, c));
    assertLeavesOne(() -> new ConsistencyFunction(network, 0.002).denoise(x, sigma, c));
    assertLeavesOne(() -> Guidance.of(network, 2).denoise(x, sigma, c));
    assertLeavesOne(() -> OdeSolver.EULER.step(network, x, sigma, next, c));
    assertLeavesOne(() -> OdeSolver.HEUN.step(network, x, sigma, next, c));
    NDArray precise = next.toType(DataType.FLOAT64, true);
    assertLeavesOne(() -> OdeSolver.HEUN.step(network, x, sigma, precise, c));
    assertLeavesOne(() -> NoiseSchedule.edm().addNoise(x, x, sigma));
    DiscreteSchedule discrete = DiscreteSchedule.latentDiffusion();
    Denoiser eps = new EpsScaling(discrete).wrap((states, noise, given) -> states.add(noise.sum()));
    assertLeavesOne(() -> eps.denoise(x, sigma, c));
    Denoiser v = new VScaling(discrete).wrap((states, noise, given) -> states.add(noise.sum()));
    assertLeavesOne(() -> v.denoise(x, sigma, c));
    assertLeavesOne(() -> discrete.prior(x, 14));
    SigmaGrid grid = SigmaGrid.karrasToZero(NoiseSchedule.edm(), 4);
    assertLeavesOne(() -> new OdeSampler(OdeSolver.HEUN, grid).sample(network, x, c));
    ConsistencySampler sampler = new ConsistencySampler(NoiseSchedule.edm(), 2, 1);
    assertLeavesOne(() -> sampler.sample(network, x, new long[3], c));
    assertLeavesOne(() -> sampler.sample(network, manager, new long[3], new Shape(2, 4), c));
  }

  private void assertLeavesOne(Supplier<NDArray> call) {
    int before = manager.getManagedArrays().size();
    NDArray result = call.get();
    assertEquals(before + 1, manager.getManagedArrays().size());
    assertSame(manager, result.getManager());
    assertEquals(x.size(), result.toArray().length);
  }

  /**
   * d/dw of sum f, with F = w * input, is bOut * cOut * cIn * x: closing managers breaks nothing.
   */
  @Test
  void gradientsFlowThrough() {
    NDArray weight = manager.create(new float[] {0.7f});
    weight.setRequiresGradient(true);
    Denoiser d = new EdmScaling(0.5).wrap((states, cNoise, c) -> states.mul(weight));
    NDArray sigma = manager.create(new float[] {0.3f, 0.3f, 0.3f});
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(new ConsistencyFunction(d, SIGMA_MIN).denoise(x, sigma, NONE).sum());
    }
    double total = 0.3 * 0.3 + 0.25;
    double expected = (1 - SIGMA_MIN / 0.3) * 0.3 * 0.5 / total * x.sum().getFloat();
    assertEquals(expected, weight.getGradient().getFloat(), 1e-4);
  }
}
