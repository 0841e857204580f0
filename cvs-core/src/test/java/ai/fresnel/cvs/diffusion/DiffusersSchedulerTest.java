package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.Zero123Fixture;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The schedule and the steps are those of diffusers' DDIM scheduler with Zero123's settings. */
class DiffusersSchedulerTest {

  private static final DiscreteSchedule LDM = DiscreteSchedule.latentDiffusion();
  private static final TimestepSpacing LEADING = new TimestepSpacing.Leading(1);

  private Zero123Fixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = new Zero123Fixture();
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private NDArray read(String name) {
    return fixture.read(name);
  }

  /** diffusers multiplies a thousand factors in float32, so its values are right to 1e-6. */
  @Test
  void alphasAreDiffusers() {
    float[] theirs = read("alphas_cumprod").toFloatArray();
    assertEquals(theirs.length, LDM.timesteps());
    for (int t = 0; t < theirs.length; t++) {
      assertEquals(1, LDM.alphaBar(t) / theirs[t], 2e-6, "timestep " + t);
    }
  }

  @Test
  void timestepsAreDiffusers() {
    long[] ours = Arrays.stream(LEADING.timesteps(1000, 10)).asLongStream().toArray();
    assertArrayEquals(read("ddim.timesteps").toLongArray(), ours);
  }

  /**
   * The first step without and the one with fresh noise start from one state and one prediction. It
   * is found from the former, which is linear in it, and gives the latter.
   */
  @Test
  void theStepWithFreshNoiseFollowsFromTheOneWithout() {
    SigmaGrid grid = LDM.grid(LEADING, 10);
    double sigma = grid.sigma(0);
    double next = grid.sigma(1);
    NDArray x = LDM.prior(read("ddim.noise"), sigma);
    NDArray without = LDM.fromVariancePreserving(read("ddim.eta0.step0"), next);
    // without = x + (next - sigma) * eps, and x0 = x - sigma * eps.
    NDArray x0 = x.sub(x.sub(without).mul((float) (sigma / (sigma - next))));
    DdimSampler sampler = new DdimSampler(grid, 1);
    StepNoise noise = StepNoise.given(read("ddim.eta1.noises"));
    NDArray got = sampler.step((states, s, c) -> x0, x, 0, noise, Conditioning.none());
    float[] ours = LDM.toVariancePreserving(got, next).toFloatArray();
    assertArrayEquals(read("ddim.eta1.step0").toFloatArray(), ours, 1e-5f);
  }
}
