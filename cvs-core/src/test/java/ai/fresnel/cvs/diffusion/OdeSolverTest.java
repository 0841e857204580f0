package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ArrayTest;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OdeSolverTest extends ArrayTest {

  private static final Conditioning NONE = Conditioning.none();

  private final GaussianToy toy = GaussianToy.anisotropic();

  /** Halving the steps divides the error by 2^order. In double precision, from 10 down to 0.1. */
  @ParameterizedTest
  @CsvSource({"EULER, 1", "HEUN, 2", "DPM_2S, 2"})
  void theErrorFallsWithTheOrder(OdeSolver solver, int order) {
    double coarse = error(solver, 64);
    double fine = error(solver, 128);
    assertEquals(order, Math.log(coarse / fine) / Math.log(2), 0.1);
  }

  private double error(OdeSolver solver, int intervals) {
    SigmaGrid grid = SigmaGrid.karras(new NoiseSchedule(0.1, 10, 7), intervals);
    NDArray start = manager.create(new double[] {9, -7, -12, 3}, new Shape(2, 2));
    NDArray x = start;
    for (int i = 0; i < intervals; i++) {
      x = solver.step(toy.denoiser(), x, sigmas(grid.sigma(i)), sigmas(grid.sigma(i + 1)), NONE);
    }
    double[] truth = toy.flow(start, sigmas(10), sigmas(0.1)).toDoubleArray();
    double[] got = x.toDoubleArray();
    double worst = 0;
    for (int i = 0; i < got.length; i++) {
      worst = Math.max(worst, Math.abs(got[i] - truth[i]));
    }
    return worst;
  }

  private NDArray sigmas(double sigma) {
    return manager.create(new double[] {sigma, sigma});
  }

  /** One Euler step by hand: x + (1 - 2) * (x - D) / 2, with D(x) = 3. */
  @Test
  void eulerFollowsTheSlope() {
    Denoiser three = (x, sigma, c) -> x.zerosLike().add(3f);
    NDArray x = manager.create(new float[] {5}, new Shape(1, 1));
    NDArray next = OdeSolver.EULER.step(three, x, one(2), one(1), NONE);
    assertArrayEquals(new float[] {4}, next.toFloatArray(), 1e-6f);
  }

  /** One Heun step by hand with D(x, sigma) = sigma: slopes 1.5 at x = 5, then 2.5 at x = 3.5. */
  @Test
  void heunAveragesTwoSlopes() {
    Denoiser shifted = (x, sigma, c) -> x.zerosLike().add(Broadcast.expand(sigma, x));
    NDArray x = manager.create(new float[] {5}, new Shape(1, 1));
    NDArray next = OdeSolver.HEUN.step(shifted, x, one(2), one(1), NONE);
    assertArrayEquals(new float[] {3}, next.toFloatArray(), 1e-6f);
  }

  /** By hand with D(x, sigma) = x/2 + sigma: x0 8 at x = 8, the middle is 2 with x0 6 at x = 8. */
  @Test
  void dpmStepsWithTheX0OfTheMiddle() {
    Denoiser sum = (x, sigma, c) -> x.mul(0.5f).add(Broadcast.expand(sigma, x));
    NDArray x = manager.create(new float[] {8}, new Shape(1, 1));
    NDArray next = OdeSolver.DPM_2S.step(sum, x, one(4), one(1), NONE);
    assertArrayEquals(new float[] {0.25f * 8 + 0.75f * 6}, next.toFloatArray(), 1e-6f);
  }

  @ParameterizedTest
  @EnumSource(
      value = OdeSolver.class,
      names = {"HEUN", "DPM_2S"})
  void toZeroIsEulerToZero(OdeSolver solver) {
    AtomicInteger passes = new AtomicInteger();
    Denoiser counting = counting(passes);
    NDArray x = manager.create(new float[] {1.5f, -2}, new Shape(1, 2));
    NDArray heun = solver.step(counting, x, one(0.7), one(0), NONE);
    assertEquals(1, passes.get());
    NDArray x0 = toy.denoiser().denoise(x, one(0.7), NONE);
    assertArrayEquals(x0.toFloatArray(), heun.toFloatArray());
  }

  @ParameterizedTest
  @EnumSource(OdeSolver.class)
  void everySampleHasItsOwnSigma(OdeSolver solver) {
    float[] sigma = {5, 0.3f, 80, 1};
    float[] next = {1, 0, 79, 0.002f};
    NDArray x = SampleNoise.normal(manager, new long[] {1, 2, 3, 4}, 0, new Shape(2)).mul(3f);
    float[] batch =
        solver
            .step(toy.denoiser(), x, manager.create(sigma), manager.create(next), NONE)
            .toFloatArray();
    for (int i = 0; i < sigma.length; i++) {
      NDArray state = x.get(new NDIndex().addSliceDim(i, i + 1));
      NDArray alone = solver.step(toy.denoiser(), state, one(sigma[i]), one(next[i]), NONE);
      float[] expected = alone.toFloatArray();
      assertArrayEquals(expected, Arrays.copyOfRange(batch, 2 * i, 2 * i + 2), 1e-6f);
    }
  }

  /** EDM's count: 17 steps of two passes and one of one. */
  @Test
  void passesAreAsDocumented() {
    SigmaGrid grid = SigmaGrid.karrasToZero(NoiseSchedule.edm(), 18);
    AtomicInteger passes = new AtomicInteger();
    OdeSampler sampler = new OdeSampler(OdeSolver.HEUN, grid);
    sampler.sample(counting(passes), manager.ones(new Shape(1, 2)), NONE);
    assertEquals(35, passes.get());
    assertEquals(35, sampler.passes());
    assertEquals(18, new OdeSampler(OdeSolver.EULER, grid).passes());
  }

  private Denoiser counting(AtomicInteger passes) {
    return (x, sigma, c) -> {
      passes.incrementAndGet();
      return toy.denoiser().denoise(x, sigma, c);
    };
  }

  private NDArray one(double sigma) {
    return Broadcast.fill(manager, sigma, 1);
  }
}
