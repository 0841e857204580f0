package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.checkpoint.FolderLock;
import ai.fresnel.cvs.checkpoint.LockingProcess;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that must not start or go on: what is said, and that nothing is touched. */
class RefusedRunTest {

  @TempDir static Path shared;

  private static Path data;
  private static Path teacherRun;

  @TempDir Path folder;

  @BeforeAll
  static void startATeacher() throws IOException {
    data = shared.resolve("views");
    TinyViews.write(data, 4, "train", "train");
    teacherRun = shared.resolve("teacher");
    Runs.teacher(data, teacherRun).optStop(Runs.after(1)).build().train();
  }

  private static String refused(DiffusionTrainer.Builder builder) {
    return assertThrows(IllegalArgumentException.class, () -> builder.build().train()).getMessage();
  }

  @Test
  void anotherLearningRateIsRefusedByName() throws IOException {
    Path run = folder.resolve("run");
    Runs.teacher(data, run).optStop(Runs.after(1)).build().train();
    TrainingConfig faster =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .optimization(o -> o.withRate(r -> r.withLearningRate(0.5)))
            .build();
    String message = refused(Runs.teacher(data, run).optConfig(faster));
    assertTrue(message.contains("was started with learningRate 0.002, not 0.5"), message);
    Path other = folder.resolve("views");
    TinyViews.write(other, 2, "train");
    message = refused(Runs.teacher(other, run));
    assertTrue(message.contains("was started with data " + data), message);
    Path teacher = Runs.latest(teacherRun);
    message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Runs.student(teacher, data, run, 0).build().train())
            .getMessage();
    assertTrue(
        message.contains("was started with stage \"diffusion\"")
            || message.contains("was started with stage diffusion"),
        message);
  }

  @Test
  void aFolderThatIsNoRunIsRefused() throws IOException {
    Files.writeString(folder.resolve("thesis.txt"), "mine");
    String message = refused(Runs.teacher(data, folder));
    assertEquals(folder + " exists and is not a run (it has no recipe.json)", message);
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(
          List.of(folder.resolve("thesis.txt")), files.filter(Files::isRegularFile).toList());
    }
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertTrue(refused(Runs.teacher(data, file)).startsWith(file + " exists and is not a run"));
  }

  @Test
  void imagesOfAnotherSizeAreRefused() throws IOException {
    Path larger = folder.resolve("views");
    TinyViews.write(larger, 32, 2, "train");
    Path run = folder.resolve("run");
    assertEquals(
        "view set " + larger + " has images of 32 pixels, expected 16",
        refused(Runs.teacher(larger, run)));
    assertFalse(Files.exists(run));
  }

  @Test
  void eachStageWantsItsKindOfModel() throws IOException {
    Path run = folder.resolve("run");
    ModelConfig student = TinyViews.model().toBuilder().kind(ModelConfig.Kind.CONSISTENCY).build();
    assertEquals(
        "model tiny16 is a consistency model, expected a diffusion model",
        refused(Runs.teacher(data, run).setModel(student)));
    Runs.student(Runs.latest(teacherRun), data, run, 0).optStop(Runs.after(1)).build().train();
    Path latest = Runs.latest(run);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Runs.student(latest, data, folder.resolve("two"), 0).build().train())
            .getMessage();
    assertEquals(
        "teacher " + latest + " is a consistency model, expected a diffusion model", message);
  }

  @Test
  void aDamagedStateIsOneLineThatNamesTheFile() throws IOException {
    Path run = folder.resolve("run");
    Runs.teacher(data, run).optStop(Runs.after(1)).build().train();
    Path state = run.resolve(Runs.STATE);
    Files.delete(run.resolve(Runs.PREVIOUS));
    byte[] sound = Files.readAllBytes(state);
    List<byte[]> damaged = new ArrayList<>();
    damaged.add(new byte[0]);
    damaged.add(Arrays.copyOf(sound, sound.length / 2));
    damaged.add(Arrays.copyOf(sound, sound.length - 1));
    damaged.add(Files.readAllBytes(Runs.latest(run).resolve("model.safetensors")));
    damaged.add(replaced(sound, "\"steps\":\"1\"", "\"steps\":\"x\""));
    damaged.add(replaced(sound, "\"steps\":\"1\"", "\"stept\":\"1\""));
    damaged.add(replaced(sound, "\"format\":\"1\"", "\"format\":\"9\""));
    damaged.add(
        replaced(
            sound, "adam.v/network.detail.in.conv.bias", "adam.v/network.detail.on.conv.bias"));
    for (byte[] bytes : damaged) {
      Files.write(state, bytes);
      String message =
          assertThrows(IOException.class, () -> Runs.teacher(data, run).build().train())
              .getMessage();
      assertTrue(message.startsWith(state.toString()), message);
      assertEquals(1, message.lines().count(), message);
    }
  }

  /** Two processes at one run: the second is refused at once, and takes over from a killed one. */
  @Test
  void aRunOfAnotherProcessIsRefusedUntilThatIsGone() throws Exception {
    Path run = folder.resolve("run");
    Runs.teacher(data, run).optStop(Runs.after(1)).build().train();
    byte[] metrics = Files.readAllBytes(run.resolve("metrics.jsonl"));
    LockingProcess other = LockingProcess.holding(run);
    String message =
        assertThrows(IOException.class, () -> Runs.teacher(data, run).build().train()).getMessage();
    assertTrue(message.startsWith(run + ": is being written by process " + other.pid()), message);
    assertEquals(1, message.lines().count(), message);
    assertArrayEquals(metrics, Files.readAllBytes(run.resolve("metrics.jsonl")));
    other.kill();
    assertEquals(8, Runs.teacher(data, run).optStop(Runs.after(1)).build().train());
    assertFalse(Files.exists(run.resolve(FolderLock.NAME)));
  }

  private static byte[] replaced(byte[] file, String from, String to) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(from);
    assertTrue(at > 0 && from.length() == to.length(), from);
    byte[] out = file.clone();
    ByteBuffer.wrap(out).put(at, to.getBytes(StandardCharsets.ISO_8859_1));
    return out;
  }
}
