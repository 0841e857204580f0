package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ArrayTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultistepSamplerTest extends ArrayTest {

  private static final Conditioning NONE = Conditioning.none();

  private final GaussianToy toy = GaussianToy.anisotropic();

  /** Halving the steps divides the error by 4. In double precision, from 10 down to 0.1. */
  @Test
  void theErrorFallsWithTheSquareOfTheStep() {
    double order = Math.log(error(64) / error(128)) / Math.log(2);
    assertEquals(2, order, 0.15);
  }

  private double error(int intervals) {
    SigmaGrid grid = SigmaGrid.karras(new NoiseSchedule(0.1, 10, 7), intervals);
    NDArray start = manager.create(new double[] {9, -7, -12, 3}, new Shape(2, 2));
    NDArray x = new MultistepSampler(grid).sample(toy.denoiser(), start, NONE);
    NDArray from = manager.create(new double[] {10, 10});
    NDArray to = manager.create(new double[] {0.1, 0.1});
    return x.sub(toy.flow(start, from, to)).abs().max().getDouble();
  }

  /**
   * By hand. Sigmas 8, 4, 1 and 0: h is ln 2, then ln 4, so r is 1/2. x0 is 16, 8 and 4 in turn.
   * From x = 32: 16 + 16/2 = 24. Then d = 8 + (8 - 16) = 0, so x = 24/4 = 6. The last gives x0.
   */
  @Test
  void stepsExtrapolateX0() {
    List<Float> seen = new ArrayList<>();
    float[] x0 = {16, 8, 4};
    Denoiser falling =
        (x, sigma, c) -> {
          seen.add(x.getFloat(0, 0));
          return x.zerosLike().add(x0[seen.size() - 1]);
        };
    MultistepSampler sampler = new MultistepSampler(SigmaGrid.of(8, 4, 1, 0));
    NDArray x = manager.create(new float[] {32}, new Shape(1, 1));
    NDArray last = sampler.sample(falling, x, NONE);
    assertEquals(3, sampler.passes());
    assertEquals(List.of(32f, 24f, 6f), seen);
    assertArrayEquals(new float[] {4}, last.toFloatArray());
    assertArrayEquals(new float[] {32}, x.toFloatArray());
  }
}
