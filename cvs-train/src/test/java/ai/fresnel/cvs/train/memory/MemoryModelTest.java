package ai.fresnel.cvs.train.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.config.OptimizerKind;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.MeasuredRun;
import ai.fresnel.cvs.train.testing.LiveMemory;
import ai.fresnel.cvs.train.testing.TinyViews;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The estimate against the bytes that libtorch holds. In a process of its own whose compiler takes
 * little: the C library counts Java's memory, too.
 */
@Tag("memory")
class MemoryModelTest {

  private static final double CLOSE = 0.15;

  @BeforeEach
  void needsACountingLibrary() throws InterruptedException {
    assumeTrue(LiveMemory.isKnown(), "no glibc of 2.33 or later");
    // What libtorch itself takes when it is loaded and first used is not the run's.
    MeasuredRun.of(TinyViews.model(), config(false), false, 1);
  }

  private static TrainingConfig config(boolean student) {
    TrainingConfig stage = student ? TrainingConfig.consistency() : TrainingConfig.diffusion();
    return stage.toBuilder()
        .data(d -> d.withBatchSize(12))
        .optimization(o -> o.withOptimizer(OptimizerKind.ADAMW))
        .build();
  }

  /** Weights and moments are exact but for what malloc adds; the rest holds on its own, too. */
  private static MeasuredRun assertMeasures(
      ModelConfig model, TrainingConfig config, boolean student) throws InterruptedException {
    MemoryModel memory =
        student
            ? MemoryModel.consistency(
                model.toBuilder().kind(ModelConfig.Kind.CONSISTENCY).build(), model)
            : MemoryModel.diffusion(model);
    MemoryEstimate estimate = memory.estimate(config);
    MeasuredRun measured = MeasuredRun.of(model, config, student, 5);
    long fixed = estimate.total() - estimate.activations() - estimate.working();
    String text =
        String.format(
            Locale.ROOT,
            "%s stage %d %s %s %s: fixed %.1f of %.1f, forward %.1f of %.1f, peak %.1f of %.1f MB",
            model.name(),
            student ? 2 : 1,
            config.compute().precision(),
            config.optimization().optimizer(),
            config.compute().checkpointLevels(),
            fixed / 1e6,
            measured.fixed() / 1e6,
            estimate.activations() / 1e6,
            (measured.forward() - measured.fixed()) / 1e6,
            estimate.total() / 1e6,
            measured.peak() / 1e6);
    assertEquals(1, fixed / (double) measured.fixed(), 0.1, text);
    long forward = measured.forward() - measured.fixed();
    assertEquals(1, estimate.activations() / (double) forward, CLOSE, text);
    assertEquals(1, estimate.total() / (double) measured.peak(), CLOSE, text);
    return measured;
  }

  /** Kept and computed twice, and that the second keeps less. */
  private static void assertMeasures(ModelConfig model, Precision precision, boolean student)
      throws InterruptedException {
    TrainingConfig kept =
        config(student).toBuilder().compute(c -> c.withPrecision(precision)).build();
    OptimizerKind other = student ? OptimizerKind.ADAMW : OptimizerKind.MUON;
    TrainingConfig twice =
        kept.toBuilder()
            .compute(c -> c.withCheckpointLevels(List.of(0, 1, 2)))
            .optimization(o -> o.withOptimizer(other))
            .build();
    MeasuredRun most = assertMeasures(model, kept, student);
    MeasuredRun least = assertMeasures(model, twice, student);
    long all = most.forward() - most.fixed();
    long left = least.forward() - least.fixed();
    assertTrue(left < 0.4 * all, left + " of " + all + " bytes are kept");
  }

  @Test
  void theEstimateIsWhatLibtorchHolds() throws InterruptedException {
    assertMeasures(ModelConfig.tiny64(), Precision.FLOAT32, false);
    assertMeasures(ModelConfig.small64(), Precision.FLOAT32, false);
  }

  @Test
  @Tag("slow") // a minute
  void theEstimateHoldsForBothStagesAndPrecisions() throws InterruptedException {
    for (ModelConfig model : List.of(ModelConfig.tiny64(), ModelConfig.small64())) {
      for (boolean student : new boolean[] {false, true}) {
        for (Precision precision : Precision.values()) {
          assertMeasures(model, precision, student);
        }
      }
    }
  }
}
