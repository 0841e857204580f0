package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.view.ViewContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stage 1 makes of a batch, against their formulas number by number. */
class DenoisingStageTest {

  private static final int N = 40;
  private static final int D = 3;
  private static final double SIGMA_DATA = 0.7;
  private static final Scaling SCALES = new EdmScaling(SIGMA_DATA);

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final long[] seeds = SampleNoise.seeds(8, 100, N);
  private final float[] x0 = SampleNoise.normal(21, 0, N * D);

  @AfterEach
  void close() {
    manager.close();
  }

  private TrainingBatch batch() {
    return TrainingBatch.of(manager.create(x0, new Shape(N, D)), ViewContext.none(), seeds);
  }

  private StepInputs prepare(Stage stage, TrainingBatch batch) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      return stage.prepare(manager, batch, 0);
    }
  }

  @Test
  void denoisingAddsTheSeedsNoiseAtTheSeedsLevel() {
    LogNormalSigmas levels = new LogNormalSigmas(-1, 1.1);
    StepInputs inputs = prepare(ToyTraining.denoising(SCALES, levels, 0.5), batch());
    assertTrue(inputs.condition().context().isEmpty());
    float[] x = inputs.x().toFloatArray();
    float[] sigma = inputs.sigma().toFloatArray();
    Label label = ToyTraining.label(inputs, "denoising");
    float[] weight = label.weight().toFloatArray();
    assertArrayEquals(x0, label.target().toFloatArray());
    for (int n = 0; n < N; n++) {
      double z = SampleNoise.normal(seeds[n], NoiseStreams.SIGMA, 1)[0];
      double level = Math.exp(-1 + 1.1 * z);
      assertEquals(level, sigma[n], 1e-6 * level);
      double out = level * SIGMA_DATA / Math.hypot(level, SIGMA_DATA);
      assertEquals(1 / (out * out), weight[n], 1e-5 / (out * out));
      float[] noise = SampleNoise.normal(seeds[n], NoiseStreams.NOISE, D);
      for (int d = 0; d < D; d++) {
        assertEquals(x0[n * D + d] + level * noise[d], x[n * D + d], 1e-5 * (1 + level));
      }
    }
  }

  @Test
  void aSampleDoesNotDependOnItsBatch() {
    Stage stage = ToyTraining.denoising(SCALES, new LogNormalSigmas(-1, 1.1), 0.5);
    float[] together = prepare(stage, batch()).x().toFloatArray();
    float[] own = {x0[5 * D], x0[5 * D + 1], x0[5 * D + 2]};
    TrainingBatch single =
        TrainingBatch.of(
            manager.create(own, new Shape(1, D)), ViewContext.none(), new long[] {seeds[5]});
    float[] alone = prepare(stage, single).x().toFloatArray();
    for (int d = 0; d < D; d++) {
      assertEquals(together[5 * D + d], alone[d]);
    }
  }

  @Test
  void theShareOfDroppedConditionsIsAsAsked() {
    int many = 4000;
    long[] all = SampleNoise.seeds(4, 0, many);
    TrainingBatch batch =
        TrainingBatch.of(
            manager.zeros(new Shape(many, 1)),
            ViewContext.of(manager.zeros(new Shape(many, 2)), manager.zeros(new Shape(many, 16))),
            all);
    for (double dropout : new double[] {0, 0.1, 0.7}) {
      Stage stage = ToyTraining.denoising(SCALES, new LogNormalSigmas(-1, 1), dropout);
      ViewContext context = prepare(stage, batch).condition().context();
      float[] keep = context.keep().orElseThrow().toFloatArray();
      int dropped = 0;
      for (int n = 0; n < many; n++) {
        assertTrue(keep[n] == 0 || keep[n] == 1);
        dropped += keep[n] == 0 ? 1 : 0;
      }
      // Four standard deviations of a binomial count.
      double spread = 4 * Math.sqrt(many * dropout * (1 - dropout));
      assertEquals(many * dropout, dropped, spread);
    }
    assertTrue(batch.context().keep().isEmpty(), "the batch itself is left as it was");
  }
}
