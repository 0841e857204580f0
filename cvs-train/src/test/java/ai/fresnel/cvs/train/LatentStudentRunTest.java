package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.Lora;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.lora.LoraFile;
import ai.fresnel.cvs.lora.LoraModules;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.model.SolverConfig;
import ai.fresnel.cvs.train.config.AdapterConfig;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.stage.LatentConsistencyPlan;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs that distil a model of Zero123's shape, into an adapter and into a network. */
class LatentStudentRunTest {

  @TempDir static Path shared;

  private static Path data;
  private static Path teacher;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    data = shared.resolve("views");
    TinyViews.write(data, 64, 3, "train", "train", "validation");
    teacher = shared.resolve("teacher");
    ModelConfig config = Zero123Fixture.config(SolverConfig.zero123());
    try (Zero123Fixture fixture = new Zero123Fixture()) {
      ViewModel model = new ViewModel(config);
      fixture.load(model);
      ModelFolder.write(
          teacher,
          config,
          Weights.arrays(model),
          Provenance.builder().data("none").created(Instant.EPOCH).build());
    }
  }

  private static TrainingConfig recipe(int rank) {
    TrainingConfig lcm =
        TinyViews.shortRun(Recipes.named("lcm", TrainingConfig.consistency())).toBuilder()
            .run(r -> r.withMaxSamples(16))
            .data(d -> d.withConditionDropout(0))
            .build();
    StageConfig.LatentConsistency stage = (StageConfig.LatentConsistency) lcm.stage();
    return lcm.toBuilder()
        .stage(
            new StageConfig.LatentConsistency(
                stage.solverSteps(),
                stage.sigmaData(),
                stage.timestepScaling(),
                stage.huber(),
                stage.guidance(),
                stage.nullCondition(),
                new AdapterConfig(rank, 4)))
        .build();
  }

  private static ConsistencyTrainer.Builder student(TrainingConfig config, Path run) {
    return ConsistencyTrainer.builder()
        .setTeacher(teacher)
        .setData(data)
        .setRun(run)
        .optConfig(config);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 0})
  void aRunStoppedAndResumedEqualsOneLeftAlone(int rank) throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertEquals(16, student(recipe(rank), whole).build().train());
    assertEquals(8, student(recipe(rank), parts).optStop(Runs.after(2)).build().train());
    assertEquals(16, student(recipe(rank), parts).build().train());
    Runs.assertSameRun(whole, parts);
    try (ModelFolder model = ModelFolder.open(Runs.latest(whole))) {
      assertEquals(ModelConfig.Kind.CONSISTENCY, model.config().kind());
      assertEquals(8, model.config().fewStepSigmas().get(8).size());
    }
  }

  /** The model is whole; the file beside it has the adapter alone, of a few numbers. */
  @Test
  void anAdapterIsSavedWithItsTeacherAndAlone() throws IOException {
    Path run = folder.resolve("run");
    student(recipe(2), run).build().train();
    Path latest = Runs.latest(run);
    Path alone = latest.resolveSibling(latest.getFileName() + "-" + LoraFile.NAME);
    assertTrue(Files.size(alone) < Files.size(latest.resolve(ModelFolder.WEIGHTS)));
    try (NDManager manager = NDManager.newBaseManager();
        ModelFolder saved = ModelFolder.open(latest);
        ModelFolder taught = ModelFolder.open(teacher)) {
      ViewModel student = ViewModel.load(saved, manager);
      ViewModel network = ViewModel.load(taught, manager);
      LoraModules modules = LoraModules.of(saved.config());
      Lora lora = LoraFile.attach(alone, network, modules, OptionalDouble.empty(), manager);
      assertEquals(4, lora.configs().values().iterator().next().alpha());
      assertTrue(
          lora.parameters().values().stream()
              .anyMatch(p -> p.getArray().abs().max().getFloat() > 0));
      lora.merge();
      Map<String, NDArray> expected = Weights.arrays(network);
      Weights.arrays(student)
          .forEach(
              (name, array) ->
                  assertArrayEquals(
                      expected.get(name).toFloatArray(), array.toFloatArray(), 1e-6f, name));
    }
  }

  @Test
  void withoutATeacherOrForAnotherKindOfTeacherItIsRefused() {
    ConsistencyTrainer.Builder untaught =
        ConsistencyTrainer.builder()
            .setModel(TinyViews.model())
            .setData(data)
            .setRun(folder.resolve("run"))
            .optConfig(recipe(2));
    assertThrows(IllegalArgumentException.class, untaught::build);
    StageConfig.LatentConsistency stage = (StageConfig.LatentConsistency) recipe(2).stage();
    assertThrows(
        IllegalArgumentException.class,
        () -> LatentConsistencyPlan.student(TinyViews.model(), stage));
    assertEquals(List.of("cd", "ct", "ect", "lcm", "progressive", "sketch"), Recipes.NAMES);
  }
}
