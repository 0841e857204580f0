package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  /** Equation 5 by hand: halfway between the seventh roots of 1 and 128 is 1.5, so 1.5^7. */
  @Test
  void theGridIsWarped() {
    SigmaGrid grid = SigmaGrid.karras(new NoiseSchedule(1, 128, 7), 2);
    assertArrayEquals(new double[] {128, 17.0859375, 1}, grid.sigmas(), 1e-12);
    assertEquals(2, grid.intervals());
  }

  @Test
  void theEndsAreExact() {
    SigmaGrid grid = SigmaGrid.karras(NoiseSchedule.edm(), 1024);
    assertEquals(80, grid.first());
    assertEquals(0.002, grid.last());
    SigmaGrid toZero = SigmaGrid.karrasToZero(NoiseSchedule.edm(), 18);
    assertEquals(18, toZero.intervals());
    assertEquals(0.002, toZero.sigma(17));
    assertEquals(0, toZero.last());
    assertEquals(toZero, toZero.withZero());
  }

  @Test
  void badNumbersAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new NoiseSchedule(0, 80, 7));
    assertThrows(IllegalArgumentException.class, () -> new NoiseSchedule(2, 1, 7));
    assertThrows(IllegalArgumentException.class, () -> new NoiseSchedule(1, 2, 0.5));
    assertThrows(IllegalArgumentException.class, () -> new NoiseSchedule(1, Double.NaN, 7));
    assertThrows(IllegalArgumentException.class, () -> NoiseSchedule.edm().sigma(1.1));
    assertThrows(IllegalArgumentException.class, () -> SigmaGrid.of(1));
    assertThrows(IllegalArgumentException.class, () -> SigmaGrid.of(1, 1));
    assertThrows(IllegalArgumentException.class, () -> SigmaGrid.of(1, -1));
    assertThrows(IllegalArgumentException.class, () -> SigmaGrid.of(1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> SigmaGrid.of(Double.NaN, 1));
    assertThrows(IllegalArgumentException.class, () -> SigmaGrid.karras(NoiseSchedule.edm(), 0));
    assertThrows(IllegalArgumentException.class, () -> new EdmScaling(0));
    assertThrows(IllegalArgumentException.class, () -> new ConsistencyFunction(null, 0));
  }

  @Test
  void noiseIsAddedPerSample() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x0 = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 1, 2));
      NDArray noise = manager.create(new float[] {1, -1, 2, 0}, new Shape(2, 1, 2));
      NDArray x = NoiseSchedule.edm().addNoise(x0, noise, manager.create(new float[] {10, 0.5f}));
      assertArrayEquals(new float[] {11, -8, 4, 4}, x.toFloatArray());
      assertArrayEquals(
          new float[] {80, -80, 160, 0}, NoiseSchedule.edm().prior(noise).toFloatArray());
      assertThrows(
          IllegalArgumentException.class,
          () -> NoiseSchedule.edm().addNoise(x0, noise, manager.ones(new Shape(3))));
    }
  }

  /** Table 1 of EDM by hand for sigmaData 3 and sigma 4, where sqrt(9 + 16) = 5. */
  @Test
  void preconditioningIsEdms() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray sigma = manager.create(new float[] {4});
      Scaling p = new EdmScaling(3);
      assertEquals(9.0 / 25, p.cSkip(sigma).getFloat(), 1e-6);
      assertEquals(12.0 / 5, p.cOut(sigma).getFloat(), 1e-6);
      assertEquals(1.0 / 5, p.cIn(sigma).getFloat(), 1e-6);
      assertEquals(Math.log(4) / 4, p.cNoise(sigma).getFloat(), 1e-6);
      assertEquals(25.0 / 144, p.lossWeight(sigma).getFloat(), 1e-6);
    }
  }

  /** F for a Gaussian of mean 0 and variance sigmaData^2 is 0: cSkip * x is its denoiser. */
  @Test
  void aZeroNetworkDenoisesTheGaussianOfTheData() {
    try (NDManager manager = NDManager.newBaseManager()) {
      GaussianToy toy = new GaussianToy(new double[] {0, 0}, new double[] {0.25, 0.25});
      Denoiser denoiser = new EdmScaling(0.5).wrap((x, cNoise, c) -> x.zerosLike());
      NDArray sigma = manager.create(new float[] {0.002f, 1, 80});
      NDArray x = SampleNoise.normal(manager, new long[] {1, 2, 3}, 0, new Shape(2)).mul(5f);
      float[] expected = toy.denoiser().denoise(x, sigma, Conditioning.none()).toFloatArray();
      float[] got = denoiser.denoise(x, sigma, Conditioning.none()).toFloatArray();
      assertArrayEquals(expected, got, 1e-5f);
    }
  }

  /** The network sees cIn * x and ln(sigma) / 4, and its output counts cOut. */
  @Test
  void wrappingScalesInputAndOutput() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Denoiser denoiser =
          new EdmScaling(3).wrap((x, cNoise, c) -> x.mul(100f).add(Broadcast.expand(cNoise, x)));
      NDArray x = manager.create(new float[] {10}, new Shape(1, 1));
      NDArray d = denoiser.denoise(x, manager.create(new float[] {4}), Conditioning.none());
      assertEquals(0.36 * 10 + 2.4 * (100 * 2 + Math.log(4) / 4), d.getFloat(), 1e-3);
    }
  }
}
