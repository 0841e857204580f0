package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.train.config.ConsistencyConfigBuilder;
import ai.fresnel.cvs.train.config.DistanceKind;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.schedule.SigmaPairs;
import ai.fresnel.cvs.train.testing.TinyViews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs of stage 2 by each recipe. */
class StudentRunTest {

  @TempDir static Path shared;

  private static Path data;
  private static Path teacher;

  @TempDir Path folder;

  @BeforeAll
  static void trainTheTeacher() throws IOException {
    data = shared.resolve("views");
    teacher = Runs.trainedTeacher(data, shared.resolve("teacher"));
  }

  private static TrainingConfig recipe(String name) {
    return TinyViews.shortRun(Recipes.named(name, TrainingConfig.consistency()));
  }

  private static ConsistencyTrainer.Builder student(TrainingConfig config, Path run) {
    return ConsistencyTrainer.builder()
        .setTeacher(teacher)
        .setData(data)
        .setRun(run)
        .optConfig(config);
  }

  private static ConsistencyTrainer.Builder untaught(TrainingConfig config, Path run) {
    return ConsistencyTrainer.builder()
        .setModel(TinyViews.model())
        .setData(data)
        .setRun(run)
        .optConfig(config);
  }

  /** The progressive recipe's six phases are two steps each: the stop is where one ends. */
  @ParameterizedTest
  @ValueSource(strings = {"cd", "ct", "ect", "progressive", "sketch"})
  void aRunStoppedAndResumedEqualsOneLeftAlone(String name) throws IOException {
    assertTrue(Recipes.NAMES.contains(name));
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertEquals(48, student(recipe(name), whole).build().train());
    assertEquals(24, student(recipe(name), parts).optStop(Runs.after(6)).build().train());
    assertEquals(48, student(recipe(name), parts).build().train());
    Runs.assertSameRun(whole, parts);
    assertTrue(Files.exists(whole.resolve("previews/000000048.png")));
    try (ModelFolder model = ModelFolder.open(Runs.latest(whole))) {
      assertEquals(ModelConfig.Kind.CONSISTENCY, model.config().kind());
    }
  }

  @Test
  void aStudentWithoutATeacherMeasuresItsDataAndResumes() throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertEquals(48, untaught(recipe("ct"), whole).build().train());
    assertEquals(20, untaught(recipe("ct"), parts).optStop(Runs.after(5)).build().train());
    assertEquals(48, untaught(recipe("ct"), parts).build().train());
    Runs.assertSameRun(whole, parts);
    try (ModelFolder model = ModelFolder.open(Runs.latest(whole));
        ModelFolder taught = ModelFolder.open(teacher)) {
      assertEquals(taught.config().sigmaData(), model.config().sigmaData());
      assertEquals(ModelConfig.Kind.CONSISTENCY, model.config().kind());
    }
    assertTrue(Files.exists(whole.resolve("previews/000000048.png")));
  }

  /** Both networks learn, and resume, whether the teacher knew something or not. */
  @Test
  void aTeacherIsTrainedBesideItsStudent() throws IOException {
    TrainingConfig config = recipe("cd").toBuilder().student(s -> s.trainTeacher(true)).build();
    Path untaught = folder.resolve("untaught");
    assertEquals(48, untaught(config, untaught).build().train());
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertEquals(48, student(config, whole).build().train());
    student(config, parts).optStop(Runs.after(7)).build().train();
    assertEquals(48, student(config, parts).build().train());
    Runs.assertSameRun(whole, parts);
    try (Safetensors state = Safetensors.open(whole.resolve(Runs.STATE));
        ModelFolder before = ModelFolder.open(teacher)) {
      String name = "unet.down0_block0.conv1.weight";
      assertNotEquals(before.weights().bytes(name), state.bytes("teacher/" + name));
      assertNotEquals(state.bytes("weights/" + name), state.bytes("teacher/" + name));
      assertTrue(state.names().contains("adam.m/teacher.network." + name));
    }
  }

  /** They are the teacher's to the end, whatever is resumed, and no gradient is kept for them. */
  @ParameterizedTest
  @ValueSource(strings = {"cd", "progressive"})
  void aStudentCanKeepItsTeachersEncoders(String name) throws IOException {
    TrainingConfig config = recipe(name).toBuilder().student(s -> s.keepEncoders(true)).build();
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertEquals(48, student(config, whole).build().train());
    student(config, parts).optStop(Runs.after(5)).build().train();
    assertEquals(48, student(config, parts).build().train());
    Runs.assertSameRun(whole, parts);
    try (Safetensors state = Safetensors.open(whole.resolve(Runs.STATE));
        ModelFolder before = ModelFolder.open(teacher);
        ModelFolder after = ModelFolder.open(Runs.latest(whole))) {
      int moved = 0;
      for (String weight : before.weights().names()) {
        boolean same = before.weights().bytes(weight).equals(after.weights().bytes(weight));
        boolean kept = weight.matches("(detail|volume|pose|null_tokens|null_pose)\\..*");
        assertTrue(same || !kept, weight);
        assertEquals(!kept, state.names().contains("weights/" + weight), weight);
        moved += same ? 0 : 1;
      }
      assertTrue(moved > 20, moved + " weights have moved");
    }
  }

  /** It begins as its teacher with an embedding more, which says nothing yet. */
  @Test
  void aGuidedStudentTakesTheWeightAsAnInput() throws IOException {
    TrainingConfig config =
        recipe("cd").toBuilder().student(s -> s.minGuidance(0).maxGuidance(2)).build();
    Path run = folder.resolve("run");
    assertEquals(0, student(config, run).optStop(() -> true).build().train());
    try (ModelFolder before = ModelFolder.open(teacher);
        ModelFolder after = ModelFolder.open(Runs.latest(run))) {
      assertTrue(after.config().conditioner().guidanceInput());
      Set<String> added = new TreeSet<>(after.weights().names());
      added.removeAll(before.weights().names());
      assertTrue(added.stream().allMatch(name -> name.startsWith("guidance.")), added + "");
      for (String name : before.weights().names()) {
        assertEquals(before.weights().bytes(name), after.weights().bytes(name), name);
      }
      byte[] silent = new byte[after.weights().bytes("guidance.out.weight").remaining()];
      after.weights().bytes("guidance.out.weight").get(silent);
      assertEquals(-1, Arrays.mismatch(new byte[silent.length], silent));
    }
    assertEquals(48, student(config, run).build().train());
    try (Safetensors state = Safetensors.open(run.resolve(Runs.STATE))) {
      byte[] moved = new byte[state.bytes("weights/guidance.out.weight").remaining()];
      state.bytes("weights/guidance.out.weight").get(moved);
      assertFalse(Arrays.equals(new byte[moved.length], moved));
    }
  }

  @Test
  void aStudentOfOneGuidanceWeightTakesNone() throws IOException {
    TrainingConfig config =
        recipe("cd").toBuilder().student(s -> s.minGuidance(1).maxGuidance(1)).build();
    Path run = folder.resolve("run");
    assertEquals(48, student(config, run).build().train());
    try (ModelFolder after = ModelFolder.open(Runs.latest(run))) {
      assertFalse(after.config().conditioner().guidanceInput());
    }
  }

  /** Levels of one's own are part of what a run was started with. */
  @Test
  void aScheduleOfOnesOwnIsKeptWithTheRun() throws IOException {
    SigmaPairs cosine = new CosineSigmas(8);
    Path run = folder.resolve("run");
    assertEquals(
        20,
        student(recipe("cd"), run).optSigmaPairs(cosine).optStop(Runs.after(5)).build().train());
    String refused =
        assertThrows(
                IllegalArgumentException.class, () -> student(recipe("cd"), run).build().train())
            .getMessage();
    assertTrue(
        refused.contains("was started with stage consistency with CosineSigmas[intervals=8]"),
        refused);
    assertEquals(48, student(recipe("cd"), run).optSigmaPairs(cosine).build().train());
  }

  @Test
  void lossesThatCompareImagesNeedTheWeights() {
    for (UnaryOperator<ConsistencyConfigBuilder> change :
        List.<UnaryOperator<ConsistencyConfigBuilder>>of(
            s -> s.perceptual(0.5), s -> s.distance(DistanceKind.LPIPS))) {
      TrainingConfig config = recipe("cd").toBuilder().student(change).build();
      String refused =
          assertThrows(IllegalArgumentException.class, () -> student(config, folder).build())
              .getMessage();
      assertTrue(refused.endsWith(", expected no lpips and 0 without LPIPS's weights"), refused);
    }
  }

  @Test
  void onlyTrainingGoesWithoutATeacher() {
    for (String name : new String[] {"cd", "progressive", "sketch"}) {
      String refused =
          assertThrows(IllegalArgumentException.class, () -> untaught(recipe(name), folder).build())
              .getMessage();
      assertTrue(
          refused.endsWith(", expected training, or trainTeacher, where there is no teacher"),
          refused);
    }
    assertThrows(
        IllegalStateException.class,
        () -> student(recipe("ct"), folder).setModel(TinyViews.model()).build());
    assertThrows(IllegalStateException.class, () -> ConsistencyTrainer.builder().build());
  }
}
