package ai.fresnel.cvs.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Guidance;
import ai.fresnel.cvs.diffusion.StepNoise;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.SolverConfig;
import ai.fresnel.cvs.nn.CameraProjection;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole model of Zero123's shape with given weights against diffusers' pipeline. */
@SuppressWarnings("try") // the handle of the gradient mode is only closed
class Zero123ModelTest {

  private static final SolverConfig SOLVER = SolverConfig.zero123();

  @Test
  void conditionsAreThoseOfThePipeline() throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      ViewModel model = new ViewModel(Zero123Fixture.config(SOLVER));
      Set<String> used = fixture.load(model);
      assertEquals(Zero123Fixture.tensors("unet", "vae", "image_encoder", "cc_projection"), used);
      Conditioning c = condition(fixture, model);
      // The photograph's latent has no scale.
      fixture.isClose("vae.mode", c.state(), 2e-5);
      fixture.isClose("context", c.tokens(), 2e-5);
    }
  }

  private static Conditioning condition(Zero123Fixture fixture, ViewModel model) {
    PhotographCode code = model.encode(fixture.store(), fixture.read("photo"));
    return model.condition(fixture.store(), code, fixture.cameras());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void drawsWhatThePipelineDraws(double eta) throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      ModelConfig config = Zero123Fixture.config(SOLVER.withMethod(SolverConfig.Method.DDIM, eta));
      ViewModel model = new ViewModel(config);
      fixture.load(model);
      SolverSampler sampler = SolverSampler.of(config).orElseThrow();
      Denoiser denoiser = model.denoiser(fixture.store(), config.scaling().scaling());
      denoiser =
          Guidance.of(denoiser, sampler.config().guidance(), sampler.config().nullCondition());
      StepNoise fresh = StepNoise.given(fixture.read("ddim.eta1.noises"));
      NDArray state =
          sampler.sample(
              denoiser, fixture.read("ddim.noise"), fresh, condition(fixture, model), 10);
      fixture.isClose("ddim.eta" + (int) eta + ".step9", state, 1e-3);
      if (eta == 0) {
        fixture.isClose("ddim.view", model.codec().decode(state).clip(-1, 1), 1e-3);
      }
    }
  }

  /** Zeros before the projection, together with the move; the latent is zero. */
  @Test
  void theNullOfTrainingKeepsTheMove() throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      ModelConfig config = Zero123Fixture.config(SOLVER);
      ViewModel model = new ViewModel(config);
      fixture.load(model);
      CameraProjection projection = new CameraProjection(24, 24);
      fixture.load(Map.of("cc_projection", projection));
      Conditioning c = condition(fixture, model);
      NDArray token =
          projection.apply(
              fixture.store(),
              fixture.manager(),
              fixture.manager().zeros(new Shape(1, 24)),
              fixture.read("pose"));
      Conditioning expected =
          c.withTokens(token).withState(fixture.manager().zeros(c.state().getShape()));
      Denoiser denoiser = model.denoiser(fixture.store(), config.scaling().scaling());
      NDArray x = fixture.read("ddim.noise");
      NDArray sigma = fixture.manager().create(new float[] {3});
      NDArray wanted = denoiser.denoise(x, sigma, expected);
      NDArray got = denoiser.denoise(x, sigma, c.asNull());
      float largest = wanted.abs().max().getFloat();
      assertTrue(wanted.sub(got).abs().max().getFloat() < 1e-5f * largest);
      assertTrue(
          wanted.sub(denoiser.denoise(x, sigma, c.asZeros())).abs().max().getFloat()
              > 1e-4f * largest);
    }
  }

  /** As the sampler of views draws it: steps and guidance are the model's unless said. */
  @Test
  void theSamplerTakesTheModelsOwnStepsAndGuidance() throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture()) {
      ViewModel model = new ViewModel(Zero123Fixture.config(SOLVER));
      fixture.load(model);
      ViewSampler sampler = ViewSampler.of(model);
      assertEquals(10, sampler.defaultSteps());
      long[] seed = {5};
      NDArray photo = fixture.read("photo");
      NDArray own = sampler.sample(photo, fixture.cameras(), seed, 0);
      assertEquals(new Shape(1, 3, 64, 64), own.getShape());
      NDArray same = sampler.withGuidance(2).sample(photo, fixture.cameras(), seed, 10);
      assertEquals(0, own.sub(same).abs().max().getFloat());
      NDArray unguided = sampler.withGuidance(0).sample(photo, fixture.cameras(), seed, 10);
      assertTrue(own.sub(unguided).abs().max().getFloat() > 1e-3f);
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> sampler.requireSteps(1001));
      assertTrue(refused.getMessage().startsWith("steps is 1001, expected 1 to the 1000"));
    }
  }

  @Test
  void thePublishedShapeHasItsParameters() {
    Map<String, Long> counts = Weights.counts(new ViewModel(ModelConfig.zero123()));
    assertEquals(859_532_484, counts.get("unet") + counts.get("noise"));
    assertEquals(83_653_863, counts.get("vae"));
    assertEquals(303_966_208, counts.get("clip"));
    assertEquals(772 * 768 + 768, counts.get("cc_projection"));
    assertEquals(Set.of("unet", "noise", "vae", "clip", "cc_projection"), counts.keySet());
  }
}
