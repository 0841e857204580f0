package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A step has the same gradient however it is computed, and moves all that is saved. */
class StepGradientTest extends TeacherRun {

  /**
   * Parts of one, one and two samples: the first step's gradient, a tenth of which is the moment.
   */
  @Test
  void aBatchInPartsHasTheGradientOfTheWhole() throws IOException {
    TrainingConfig whole = TinyViews.shortRun(TrainingConfig.diffusion());
    TrainingConfig parts = whole.toBuilder().compute(c -> c.withAccumulation(3)).build();
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    assertEquals(
        4, Runs.teacher(data, one).optConfig(whole).optStop(Runs.after(1)).build().train());
    assertEquals(
        4, Runs.teacher(data, other).optConfig(parts).optStop(Runs.after(1)).build().train());
    assertSameMoments(one, other);
    JsonObject first = JsonParser.parseString(lastMetrics(one)).getAsJsonObject();
    JsonObject second = JsonParser.parseString(lastMetrics(other)).getAsJsonObject();
    for (String name : List.of("loss", "gradient_norm")) {
      double expected = first.get(name).getAsDouble();
      assertEquals(expected, second.get(name).getAsDouble(), 1e-5 * expected, name);
    }
    JsonObject levels = first.getAsJsonObject("loss_by_sigma");
    assertTrue(levels.size() > 0);
    for (String bin : levels.keySet()) {
      double expected = levels.get(bin).getAsDouble();
      double found = second.getAsJsonObject("loss_by_sigma").get(bin).getAsDouble();
      assertEquals(expected, found, 1e-5 * expected, bin);
    }
    assertEquals(48, Runs.teacher(data, other).optConfig(parts).build().train());
  }

  private static void assertSameMoments(Path one, Path other) throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Safetensors a = Safetensors.open(one.resolve(Runs.STATE));
        Safetensors b = Safetensors.open(other.resolve(Runs.STATE))) {
      double largest = 0;
      double difference = 0;
      for (String name : a.names()) {
        if (name.startsWith("adam.m/")) {
          NDArray moment = a.read(manager, name);
          largest = Math.max(largest, moment.abs().max().getFloat());
          NDArray apart = moment.sub(b.read(manager, name)).abs().max();
          difference = Math.max(difference, apart.getFloat());
        }
      }
      assertTrue(largest > 0 && difference < 1e-5 * largest, difference + " of " + largest);
    }
  }

  private static List<TrainingConfig> withLevels(TrainingConfig config) {
    TrainingConfig once = config.toBuilder().compute(c -> c.withAccumulation(2)).build();
    return List.of(
        once, once.toBuilder().compute(c -> c.withCheckpointLevels(List.of(0, 1))).build());
  }

  @Test
  void whatIsComputedTwiceHasTheGradientOfWhatIsKept() throws IOException {
    List<Path> runs = new ArrayList<>();
    for (TrainingConfig config : withLevels(TinyViews.shortRun(TrainingConfig.diffusion()))) {
      runs.add(folder.resolve("R" + runs.size()));
      Runs.teacher(data, runs.get(runs.size() - 1))
          .optConfig(config)
          .optStop(Runs.after(1))
          .build()
          .train();
    }
    assertSameMoments(runs.get(0), runs.get(1));
    // A student and its teacher in the same steps.
    TrainingConfig joint =
        Runs.studentConfig(0.9).toBuilder().student(s -> s.trainTeacher(true)).build();
    for (TrainingConfig config : withLevels(joint)) {
      runs.add(folder.resolve("R" + runs.size()));
      Runs.student(Runs.latest(teacherRun), data, runs.get(runs.size() - 1), 0.9)
          .optConfig(config)
          .optStop(Runs.after(1))
          .build()
          .train();
    }
    assertSameMoments(runs.get(2), runs.get(3));
    TrainingConfig three =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .compute(c -> c.withCheckpointLevels(List.of(2)))
            .build();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Runs.teacher(data, folder.resolve("none")).optConfig(three).build().train());
    assertEquals("checkpointLevels is [2], expected levels from 0 to 1 of tiny16", e.getMessage());
  }

  private static String lastMetrics(Path run) throws IOException {
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    return lines.get(lines.size() - 1);
  }

  /** Averages, weights and moments differ from each other and from the start: all of it trains. */
  @Test
  void everythingInTheStateMoves() throws IOException {
    Path untouched = folder.resolve("run");
    assertEquals(0, Runs.teacher(data, untouched).optStop(() -> true).build().train());
    try (Safetensors start = Safetensors.open(untouched.resolve(Runs.STATE));
        Safetensors end = Safetensors.open(teacherRun.resolve(Runs.STATE))) {
      for (String name : start.names()) {
        assertNotEquals(start.bytes(name), end.bytes(name), name);
      }
      assertNotEquals(
          end.bytes("weights/detail.in.conv.bias"), end.bytes("ema/detail.in.conv.bias"));
    }
  }
}
