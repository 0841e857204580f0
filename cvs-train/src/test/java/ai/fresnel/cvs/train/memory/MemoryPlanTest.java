package ai.fresnel.cvs.train.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.VolumeConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.config.OptimizerKind;
import ai.fresnel.cvs.train.config.RecipeJson;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan decides, what it leaves alone, and when it gives up. */
class MemoryPlanTest {

  private static final long GIB = 1L << 30;

  /** Of which a few numbers are stated below. */
  private static final MemoryModel SMALL =
      MemoryModel.diffusion(
          ModelConfig.small64().toBuilder()
              .conditioner(c -> c.withVolume(VolumeConfig.of(48, 96, 192)))
              .build());

  private static final TrainingConfig WANTED =
      TrainingConfig.diffusion().toBuilder()
          .optimization(o -> o.withOptimizer(OptimizerKind.ADAMW))
          .build();

  @TempDir Path folder;

  private static MemoryPlan plan(double gib, String... given) {
    return MemoryPlan.of((long) (gib * GIB), SMALL, WANTED, Set.of(given));
  }

  private static void assertFits(MemoryPlan plan) {
    MemoryEstimate estimate = plan.estimate();
    assertTrue(estimate.total() + estimate.reserve() <= plan.budget());
    assertEquals(SMALL.estimate(plan.config()), estimate);
  }

  @Test
  void whatFitsIsLeftAsItIs() {
    assertEquals(WANTED, plan(64).config());
  }

  /** The rule by looking at everything: null where nothing fits. */
  private static TrainingConfig slowly(double gib) {
    for (Precision precision : new Precision[] {Precision.FLOAT32, Precision.BFLOAT16}) {
      TrainingConfig best = null;
      long most = 0;
      for (int i = 0; i < 4 * 32; i++) {
        int count = i / 32;
        int parts = i % 32 + 1;
        TrainingConfig config =
            WANTED.toBuilder()
                .compute(c -> c.withPrecision(precision))
                .compute(c -> c.withAccumulation(parts))
                .compute(c -> c.withCheckpointLevels(List.of(0, 1, 2).subList(0, count)))
                .build();
        MemoryEstimate estimate = SMALL.estimate(config);
        double need = estimate.total() + 0.15 * (estimate.activations() + estimate.working());
        // Four samples are worth a level, more are not; a larger part is worth fewer parts.
        int part = (31 + parts) / parts;
        long worth = 100_000L * Math.min(part, 4) - 1000L * count + 10L * (part >= 4 ? part : 0);
        worth -= parts;
        if (need <= 0.95 * gib * GIB && (best == null || worth > most)) {
          best = config;
          most = worth;
        }
      }
      if (best != null) {
        return best;
      }
    }
    return null;
  }

  /** Smaller parts and levels, finest first; then the end. */
  @Test
  void lessMemoryCostsMoreWork() {
    Set<String> seen = new TreeSet<>();
    double gib = 2.5;
    while (slowly(gib) != null) {
      MemoryPlan plan = plan(gib);
      assertFits(plan);
      assertEquals(slowly(gib), plan.config(), gib + " GiB");
      seen.add(
          plan.config().compute().precision()
              + " "
              + plan.config().compute().checkpointLevels().size());
      seen.add("parts " + Math.min(2, plan.config().compute().accumulation()));
      gib *= 0.99;
    }
    assertTrue(seen.containsAll(Set.of("FLOAT32 0", "FLOAT32 1", "parts 1", "parts 2")), seen + "");
    double tooLittle = gib;
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> plan(tooLittle));
    assertTrue(
        e.getMessage()
            .matches(
                "memory is 0\\.\\d{3} GiB, expected 0\\.\\d{3} GiB or more for small64 \\(batchSize"
                    + " 32, accumulation \\d+, checkpointLevels \\[0.*], precision [a-z0-9]+,"
                    + " optimizer adamw\\)"),
        e.getMessage());
    double least = Double.parseDouble(e.getMessage().replaceAll(".*expected ([0-9.]+) .*", "$1"));
    assertFits(plan(least + 0.001));
    assertTrue(least > gib && least < gib / 0.98, least + " where " + gib + " was too little");
  }

  /** Where parts and levels are given, there is nothing else left. */
  @Test
  void aNarrowerPrecisionIsTheLastResort() {
    String[] given = {"accumulation", "checkpointLevels"};
    assertEquals(Precision.FLOAT32, plan(2.5, given).config().compute().precision());
    assertEquals(
        WANTED.toBuilder().compute(c -> c.withPrecision(Precision.BFLOAT16)).build(),
        plan(1.4, given).config());
  }

  @Test
  void whatIsGivenStays() {
    MemoryPlan tight = plan(0.5);
    assertTrue(
        tight.config().compute().accumulation() > 1
            || !tight.config().compute().checkpointLevels().isEmpty());
    assertEquals(List.of(), plan(0.5, "checkpointLevels").config().compute().checkpointLevels());
    assertEquals(Precision.FLOAT32, plan(0.5, "precision").config().compute().precision());
    assertThrows(
        IllegalArgumentException.class, () -> plan(0.4, "accumulation", "checkpointLevels"));
    assertEquals(1, plan(64, "accumulation").config().compute().accumulation());
  }

  @Test
  void lossesWithNetworksOfTheirOwnAreNotPlanned() {
    TrainingConfig lpips =
        TrainingConfig.consistency().toBuilder().student(s -> s.perceptual(1)).build();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> MemoryPlan.of(GIB, SMALL, lpips, Set.of()));
    assertTrue(
        e.getMessage().startsWith("memory cannot be planned for losses with networks of their own"),
        e + "");
  }

  /** The presets' student on cards of two sizes. */
  @Test
  void base256IsPlannedForSmallCards() {
    ModelConfig teacher = ModelConfig.base256();
    MemoryModel model =
        MemoryModel.consistency(
            teacher.toBuilder().kind(ModelConfig.Kind.CONSISTENCY).build(), teacher);
    for (int gib : new int[] {8, 16}) {
      MemoryPlan plan = MemoryPlan.of(gib * GIB, model, TrainingConfig.consistency(), Set.of());
      assertTrue(plan.estimate().total() + plan.estimate().reserve() <= gib * GIB);
      assertTrue(plan.config().compute().accumulation() > 1, plan + "");
    }
  }

  /** A depth loss brings a head into the network. */
  @Test
  void aHeadIsPlannedFor() throws IOException {
    TrainingConfig deep =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .losses(l -> l.withDepth(0.1))
            .build();
    MemoryPlan plan =
        Runs.teacher(folder, folder.resolve("run"))
            .optConfig(deep)
            .optMemory(GIB, Set.of("precision"))
            .build()
            .plan();
    ModelConfig model = TinyViews.model();
    MemoryEstimate without = MemoryModel.diffusion(model).estimate(deep);
    MemoryEstimate with =
        MemoryModel.diffusion(model.toBuilder().heads(h -> h.withDepth(true)).build())
            .estimate(deep);
    assertTrue(with.weights() > without.weights());
    assertEquals(with, plan.estimate());
  }

  @Test
  void aRunThatGoesOnKeepsItsPlan() throws IOException {
    Path data = folder.resolve("views");
    TinyViews.write(data, 4, "train", "train", "validation");
    Path run = folder.resolve("run");
    MemoryModel tiny = MemoryModel.diffusion(TinyViews.model());
    TrainingConfig wanted = TinyViews.shortRun(TrainingConfig.diffusion());
    MemoryEstimate whole = tiny.estimate(wanted);
    long budget = (long) ((whole.total() + whole.reserve()) / 0.95) - 100;
    Set<String> given = Set.of("precision");
    MemoryPlan plan = Runs.teacher(data, run).optMemory(budget, given).build().plan();
    assertFalse(Files.exists(run), "a plan alone writes nothing");
    TrainingConfig planned = plan.config();
    assertNotEquals(wanted, planned);
    assertEquals(
        8, Runs.teacher(data, run).optMemory(budget, given).optStop(Runs.after(2)).build().train());
    JsonObject recipe =
        JsonParser.parseString(Files.readString(run.resolve("recipe.json")))
            .getAsJsonObject()
            .getAsJsonObject("training");
    assertEquals(RecipeJson.toJson(planned), recipe);
    // More memory is there now: another plan would be another run.
    long more = 2 * budget;
    Path other = folder.resolve("other");
    assertEquals(wanted, Runs.teacher(data, other).optMemory(more, given).build().plan().config());
    assertEquals(
        planned, Runs.teacher(data, run).optMemory(more, Set.of()).build().plan().config());
    assertEquals(48, Runs.teacher(data, run).optMemory(more, Set.of()).build().train());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Runs.teacher(data, run).optMemory(1000, Set.of()).build().train());
    String settings =
        "accumulation "
            + planned.compute().accumulation()
            + ", checkpointLevels "
            + planned.compute().checkpointLevels();
    assertTrue(e.getMessage().contains(settings), e + "");
  }
}
