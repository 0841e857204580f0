package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.ViewContext;
import org.junit.jupiter.api.Test;

/** A teacher is guided by the weights of its samples or by one of its own. */
class TeacherGuidanceTest extends LinearTeacher {

  /** With guidance weights among the conditions: (1 + w)·D(x | c) − w·D(x | null). */
  @Test
  void theTeacherIsGuidedByEachSamplesWeight() {
    DenoiserNetwork shifted = new ShiftedNetwork();
    TrainingConfig config = config(s -> s.minGuidance(1).maxGuidance(3));
    NDArray shift = manager.create(SampleNoise.normal(5, 0, N), new Shape(N, 1));
    NoisySamples drawn = drawn(config, shift);
    float[] weights = drawn.context().guidance().orElseThrow().toFloatArray();
    StepCondition condition = StepCondition.raw(drawn.context());
    Denoiser teacher = Teacher.of(shifted, SCALES, false).bind(manager, condition);
    Denoiser plain = Teacher.of(shifted, SCALES, true).bind(manager, condition);
    float[] guided = teacher.denoise(drawn.x(), drawn.sigma(), Conditioning.none()).toFloatArray();
    float[] kept = plain.denoise(drawn.x(), drawn.sigma(), Conditioning.none()).toFloatArray();
    float[] sigma = drawn.sigma().toFloatArray();
    double sum = 0;
    for (int n = 0; n < N; n++) {
      assertTrue(weights[n] >= 1 && weights[n] <= 3, "weight " + weights[n]);
      sum += weights[n] / N;
      double cOut = sigma[n] * SIGMA_DATA / Math.hypot(sigma[n], SIGMA_DATA);
      double push = weights[n] * cOut * shift.toFloatArray()[n];
      for (int d = 0; d < D; d++) {
        int i = n * D + d;
        assertEquals(kept[i] + push, guided[i], 1e-4 * (1 + Math.abs(guided[i])));
      }
    }
    assertEquals(2, sum, 0.35);
  }

  /** With one weight for all there is none among the conditions, and the student has no input. */
  @Test
  void theTeacherIsGuidedByOneWeight() {
    TrainingConfig config = config(s -> s.minGuidance(1.5).maxGuidance(1.5));
    NDArray shift = manager.create(SampleNoise.normal(5, 0, N), new Shape(N, 1));
    NoisySamples drawn = drawn(config, shift);
    assertTrue(drawn.context().guidance().isEmpty());
    StepCondition condition = StepCondition.raw(drawn.context());
    DenoiserNetwork shifted = new ShiftedNetwork();
    double weight = config.student().guidance().fixed();
    float[] guided =
        Teacher.of(shifted, SCALES, false, weight)
            .bind(manager, condition)
            .denoise(drawn.x(), drawn.sigma(), Conditioning.none())
            .toFloatArray();
    float[] kept =
        Teacher.of(shifted, SCALES, false)
            .bind(manager, condition)
            .denoise(drawn.x(), drawn.sigma(), Conditioning.none())
            .toFloatArray();
    float[] sigma = drawn.sigma().toFloatArray();
    for (int i = 0; i < N * D; i++) {
      double cOut = sigma[i / D] * SIGMA_DATA / Math.hypot(sigma[i / D], SIGMA_DATA);
      double push = 1.5 * cOut * shift.toFloatArray()[i / D];
      assertEquals(kept[i] + push, guided[i], 1e-4 * (1 + Math.abs(guided[i])));
    }
  }

  private NoisySamples drawn(TrainingConfig config, NDArray shift) {
    NDArray cameras = manager.zeros(new Shape(N, 16));
    TrainingBatch batch =
        TrainingBatch.of(
            manager.create(x0, new Shape(N, D)), ViewContext.of(shift, cameras), seeds);
    ConsistencyObjective objective = ToyTraining.objective(SCALES, SCHEDULE, config);
    return ConsistencySamples.draw(manager, batch, objective, 0).noisy();
  }

  /** Its raw output is its condition, 0 where that is dropped. */
  private static final class ShiftedNetwork extends AbstractBlock implements DenoiserNetwork {

    @Override
    public Conditioning condition(ParameterStore store, ViewContext context) {
      return Conditioning.none()
          .withState(context.source())
          .withKeep(context.keep().orElseThrow())
          .withGuidance(context.guidance().orElse(null));
    }

    @Override
    public NDArray predict(
        ParameterStore store, NDArray scaledX, NDArray cNoise, Conditioning conditioning) {
      NDArray shift = conditioning.state().mul(conditioning.keep().reshape(-1, 1));
      return scaledX.zerosLike().add(shift);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
