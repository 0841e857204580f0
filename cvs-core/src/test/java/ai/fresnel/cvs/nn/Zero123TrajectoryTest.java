package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.DdimSampler;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.DiscreteSchedule;
import ai.fresnel.cvs.diffusion.Guidance;
import ai.fresnel.cvs.diffusion.MultistepSampler;
import ai.fresnel.cvs.diffusion.NullCondition;
import ai.fresnel.cvs.diffusion.OdeSampler;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.SigmaGrid;
import ai.fresnel.cvs.diffusion.StepNoise;
import ai.fresnel.cvs.diffusion.TimestepSpacing;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guided samples of a network of Zero123's shape are diffusers', step by step. */
@SuppressWarnings("try") // the handle of the gradient mode is only closed
class Zero123TrajectoryTest {

  private static final DiscreteSchedule SCHEDULE = DiscreteSchedule.latentDiffusion();
  private static final int STEPS = 10;
  private static final SigmaGrid GRID = SCHEDULE.grid(new TimestepSpacing.Leading(1), STEPS);

  private TorchRuntime.GradientMode off;
  private Zero123Fixture fixture;
  private Denoiser guided;
  private Conditioning conditioning;
  private NDArray first;

  @BeforeEach
  void open() throws IOException {
    off = TorchRuntime.noGradient();
    fixture = new Zero123Fixture();
    TinyZero123 network = new TinyZero123(fixture);
    // Scale 3 away from zeros after the projection and a zero latent, as the demo samples.
    guided =
        Guidance.of(
            network.denoiser(fixture.store()), Guidance.weightOfScale(3), NullCondition.ZEROS);
    conditioning =
        Conditioning.none().withState(fixture.read("vae.mode")).withTokens(fixture.read("context"));
    first = SCHEDULE.prior(fixture.read("ddim.noise"), GRID.first());
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
    off.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void everyStepOfDdimIsDiffusers(int eta) {
    StepNoise noise = StepNoise.given(fixture.read("ddim.eta1.noises"));
    DdimSampler sampler = new DdimSampler(GRID, eta);
    assertEquals(STEPS, sampler.passes());
    NDArray x = first;
    for (int i = 0; i < STEPS; i++) {
      x = sampler.step(guided, x, i, noise, conditioning);
      NDArray latent = SCHEDULE.toVariancePreserving(x, GRID.sigma(i + 1));
      fixture.isClose("ddim.eta" + eta + ".step" + i, latent, 2e-5);
    }
    NDArray whole = sampler.sample(guided, first, noise, conditioning);
    assertArrayEquals(x.toFloatArray(), whole.toFloatArray());
  }

  /** Euler's method and DPM-Solver++ 2M take the same denoiser; 2M's first step is Euler's. */
  @Test
  void otherSolversTakeTheSameDenoiser() {
    NDArray euler = new OdeSampler(OdeSolver.EULER, GRID).sampleFrom(guided, first, conditioning);
    NDArray latent = SCHEDULE.toVariancePreserving(euler, GRID.last());
    fixture.isClose("ddim.eta0.step" + (STEPS - 1), latent, 2e-5);
    SigmaGrid start = SigmaGrid.of(GRID.sigma(0), GRID.sigma(1));
    NDArray multistep = new MultistepSampler(start).sample(guided, first, conditioning);
    fixture.isClose(
        "ddim.eta0.step0", SCHEDULE.toVariancePreserving(multistep, start.last()), 2e-5);
  }
}
