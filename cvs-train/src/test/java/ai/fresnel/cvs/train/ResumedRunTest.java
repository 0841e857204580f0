package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.OptimizerKind;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How a run goes on: resumed, from an earlier model, after a kill. */
class ResumedRunTest extends TeacherRun {

  @Test
  void aTeacherStoppedAndResumedEqualsOneLeftAlone() throws IOException {
    Path run = folder.resolve("run");
    assertEquals(20, Runs.teacher(data, run).optStop(Runs.after(5)).build().train());
    assertEquals(24, Runs.teacher(data, run).optStop(Runs.after(1)).build().train());
    assertEquals(48, Runs.teacher(data, run).build().train());
    Runs.assertSameRun(teacherRun, run);
  }

  @Test
  void aStudentStoppedAndResumedEqualsOneLeftAlone() throws IOException {
    for (double targetDecay : new double[] {0.9, 0}) {
      Path whole = folder.resolve("whole" + targetDecay);
      Path parts = folder.resolve("parts" + targetDecay);
      Path teacher = Runs.latest(teacherRun);
      assertEquals(48, Runs.student(teacher, data, whole, targetDecay).build().train());
      TrainerTest.assertIsARun(whole, ModelConfig.Kind.CONSISTENCY);
      Runs.student(teacher, data, parts, targetDecay).optStop(Runs.after(7)).build().train();
      assertEquals(48, Runs.student(teacher, data, parts, targetDecay).build().train());
      Runs.assertSameRun(whole, parts);
      try (Safetensors state = Safetensors.open(whole.resolve(Runs.STATE))) {
        boolean hasTarget = state.names().stream().anyMatch(name -> name.startsWith("target/"));
        assertEquals(targetDecay > 0, hasTarget);
      }
    }
  }

  @Test
  void muonInBfloat16ResumesToo() throws IOException {
    TrainingConfig config =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .optimization(o -> o.withOptimizer(OptimizerKind.MUON))
            .compute(c -> c.withPrecision(Precision.BFLOAT16))
            .build();
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    Runs.teacher(data, whole).optConfig(config).build().train();
    TrainerTest.assertIsARun(whole, ModelConfig.Kind.DIFFUSION);
    Runs.teacher(data, parts).optConfig(config).optStop(Runs.after(7)).build().train();
    Runs.teacher(data, parts).optConfig(config).build().train();
    Runs.assertSameRun(whole, parts);
    try (Safetensors state = Safetensors.open(whole.resolve(Runs.STATE))) {
      Set<String> names = state.names();
      assertTrue(names.contains("muon.m/network.unet.down0_block0.conv1.weight"));
      assertTrue(names.contains("adam.m/network.unet.in.conv.weight"));
      // Each parameter belongs to one of the two.
      long moved = names.stream().filter(n -> n.matches("(muon|adam)\\.m/.*")).count();
      assertEquals(names.stream().filter(n -> n.startsWith("weights/")).count(), moved);
    }
  }

  /** A run without a step leaves what it started from; one with steps goes on from there. */
  @Test
  void aTeacherStartsFromAnEarlierOne() throws IOException {
    Path before = Runs.latest(teacherRun);
    Path run = folder.resolve("run");
    assertEquals(0, Runs.teacherFrom(before, data, run).optStop(() -> true).build().train());
    Path weights = Path.of(ModelFolder.WEIGHTS);
    try (ModelFolder one = ModelFolder.open(before);
        ModelFolder other = ModelFolder.open(Runs.latest(run))) {
      assertEquals(one.config(), other.config());
      assertEquals(before.toString(), other.provenance().parent());
    }
    assertEquals(-1L, Files.mismatch(before.resolve(weights), Runs.latest(run).resolve(weights)));
    assertEquals(48, Runs.teacherFrom(before, data, run).build().train());
    assertTrue(Files.mismatch(before.resolve(weights), Runs.latest(run).resolve(weights)) >= 0);
    String refused =
        assertThrows(IllegalArgumentException.class, () -> Runs.teacher(data, run).build().train())
            .getMessage();
    assertTrue(refused.contains("was started with teacher " + before), refused);
  }

  /** The parts both have are the earlier one's, and the part that is new adds nothing yet. */
  @Test
  void aNetworkGrowsByARefiner() throws IOException {
    ModelConfig grown = TinyViews.model();
    ModelConfig small = grown.toBuilder().name("small").heads(h -> h.withRefineChannels(0)).build();
    Path first = folder.resolve("first");
    Runs.teacher(data, first).setModel(small).optStop(Runs.after(5)).build().train();
    Path before = Runs.latest(first);
    Path run = folder.resolve("run");
    DiffusionTrainer.Builder trainer = Runs.teacherFrom(before, data, run).setModel(grown);
    assertEquals(0, trainer.optStop(() -> true).build().train());
    try (ModelFolder one = ModelFolder.open(before);
        ModelFolder other = ModelFolder.open(Runs.latest(run))) {
      assertEquals(grown.toBuilder().sigmaData(one.config().sigmaData()).build(), other.config());
      Set<String> added = new TreeSet<>(other.weights().names());
      assertTrue(added.containsAll(one.weights().names()));
      added.removeAll(one.weights().names());
      assertTrue(added.stream().allMatch(name -> name.startsWith("refine.")), added.toString());
      assertEquals(8, added.size());
      for (String name : one.weights().names()) {
        assertEquals(one.weights().bytes(name), other.weights().bytes(name), name);
      }
      try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
        assertArrayEquals(drawn(one, manager), drawn(other, manager));
      }
    }
  }

  private static float[] drawn(ModelFolder model, NDManager manager) throws IOException {
    NDArray source = manager.linspace(0, 1, 3 * 16 * 16).reshape(1, 3, 16, 16);
    NDArray pose = manager.zeros(new Shape(1, 16));
    ViewSampler sampler = ViewSampler.of(ViewModel.load(model, manager));
    return sampler.sample(source, pose, new long[] {3}, 0).toFloatArray();
  }

  /** After a state and before its snapshot is where a kill leaves an old snapshot, or none. */
  @Test
  void aFinishedRunWithoutItsSnapshotGetsIt() throws IOException {
    Path run = folder.resolve("run");
    Runs.teacher(data, run).build().train();
    for (String name : new String[] {"config.json", "model.safetensors", "provenance.json"}) {
      Files.delete(Runs.latest(run).resolve(name));
    }
    Files.delete(Runs.latest(run));
    assertEquals(48, Runs.teacher(data, run).build().train());
    TrainerTest.assertIsARun(run, ModelConfig.Kind.DIFFUSION);
    Runs.assertSameRun(teacherRun, run);
  }

  /** What a killed process leaves: half-written files and lines after the last state. */
  @Test
  void leftoversOfAKilledRunAreCleared() throws IOException {
    Path run = folder.resolve("run");
    Runs.teacher(data, run).optStop(Runs.after(5)).build().train();
    Path state = run.resolve(Runs.STATE);
    Files.write(state.resolveSibling(".state.safetensors.0-1-2"), new byte[1000]);
    Files.createDirectories(run.resolve("snapshots/.latest.new"));
    Files.write(run.resolve("snapshots/.latest.new/config.json"), new byte[10]);
    Files.write(run.resolve("recipe.json.tmp"), new byte[10]);
    Path metrics = run.resolve("metrics.jsonl");
    List<String> before = Files.readAllLines(metrics);
    assertEquals(1, before.size());
    Files.writeString(
        metrics,
        "{\"images\":24,\"loss\":1}\nnot json\n{\"images\":\"x\"}\n{\"images\":[]}\n\0\0\n\n"
            + "{\"images\":28,\"lo",
        StandardOpenOption.APPEND);
    Files.write(metrics, new byte[] {(byte) 0xff, '\n'}, StandardOpenOption.APPEND);
    Runs.teacher(data, run).build().train();
    TrainerTest.assertIsARun(run, ModelConfig.Kind.DIFFUSION);
    Runs.assertSameRun(teacherRun, run);
    List<String> after = Files.readAllLines(metrics);
    assertEquals(2, after.size(), after.toString());
    assertEquals(before.get(0), after.get(0));
  }

  /** States and previews in between, after every step, change nothing of what is trained. */
  @Test
  void savingAndDrawingChangeNothing() throws IOException {
    Path run = folder.resolve("run");
    TrainingConfig busy =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .run(r -> r.withStateEvery(Duration.ZERO))
            .run(r -> r.withPreviewEvery(Duration.ZERO))
            .run(r -> r.withValidateEvery(Duration.ZERO))
            .run(r -> r.withKeepSnapshots(2))
            .build();
    Runs.teacher(data, run).optConfig(busy).optStop(Runs.after(4)).build().train();
    Runs.teacher(data, run).build().train();
    Runs.assertSameRun(teacherRun, run);
    try (Stream<Path> previews = Files.list(run.resolve("previews"))) {
      // After the first three steps and the last; the fourth was asked to be quick.
      assertEquals(4, previews.count());
    }
  }
}
