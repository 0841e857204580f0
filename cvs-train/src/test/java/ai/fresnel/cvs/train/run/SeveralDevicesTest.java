package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.train.DiffusionTrainer;
import ai.fresnel.cvs.train.config.ConsistencyConfigBuilder;
import ai.fresnel.cvs.train.config.ConsistencyMethod;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.config.TrainingConfigBuilder;
import ai.fresnel.cvs.train.testing.TinyViews;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A batch shared among copies on one CPU, against the whole batch on it. */
class SeveralDevicesTest {

  @TempDir static Path shared;

  private static Path data;
  private static Path teacher;

  @TempDir Path folder;

  @BeforeAll
  static void teacher() throws IOException {
    data = shared.resolve("views");
    teacher = Runs.trainedTeacher(data, shared.resolve("teacher"));
  }

  private static Device[] cpus(int count) {
    Device[] devices = new Device[count];
    Arrays.fill(devices, Device.cpu());
    return devices;
  }

  private Path diffusion(
      String name, int devices, int steps, UnaryOperator<TrainingConfigBuilder> c)
      throws IOException {
    Path run = folder.resolve(name);
    TrainingConfig config =
        c.apply(TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()).build();
    Runs.teacher(data, run)
        .optConfig(config)
        .optDevices(cpus(devices))
        .optStop(Runs.after(steps))
        .build()
        .train();
    return run;
  }

  private Path consistency(
      String name, int devices, int steps, UnaryOperator<ConsistencyConfigBuilder> change)
      throws IOException {
    Path run = folder.resolve(name);
    TrainingConfig config = Runs.studentConfig(0.9).toBuilder().student(change).build();
    Runs.student(teacher, data, run, 0.9)
        .optConfig(config)
        .optDevices(cpus(devices))
        .optStop(Runs.after(steps))
        .build()
        .train();
    return run;
  }

  /**
   * Shares of 2 and 2 samples, of 1, 1 and 2, and of 1 each in two rounds. Measured: apart by
   * 1.2e-7 of the largest.
   */
  @ParameterizedTest
  @CsvSource({"2, 1", "3, 1", "2, 2"})
  void shardsHaveTheGradientOfTheWhole(int devices, int accumulation) throws IOException {
    Path one = diffusion("one", 1, 1, c -> c);
    Path several =
        diffusion("several", devices, 1, b -> b.compute(c -> c.withAccumulation(accumulation)));
    assertTrue(Runs.apart(one, several, "adam.m") < 1e-6, "" + Runs.apart(one, several, "adam.m"));
  }

  /**
   * What the copies compute with is what the update left. Measured: moments are apart by 1e-7 after
   * 12 steps, and by 0.7 with copies that stay as they were.
   */
  @Test
  void copiesFollowTheUpdates() throws IOException {
    Path one = diffusion("one", 1, 12, c -> c);
    Path two = diffusion("two", 2, 12, c -> c);
    for (String group : new String[] {"adam.m", "weights", "ema"}) {
      assertTrue(Runs.apart(one, two, group) < 2e-5, group + ": " + Runs.apart(one, two, group));
    }
  }

  @ParameterizedTest
  @CsvSource({"DISTILLATION, false", "DISTILLATION, true", "TRAINING, false", "PROGRESSIVE, false"})
  void studentsOfAllKindsShareToo(ConsistencyMethod method, boolean trainTeacher)
      throws IOException {
    UnaryOperator<ConsistencyConfigBuilder> change =
        s -> {
          // A progressive grid becomes coarser, and the phases go over.
          Integer[] grid =
              method == ConsistencyMethod.PROGRESSIVE
                  ? new Integer[] {8, 4, 2}
                  : new Integer[] {2, 4, 8};
          return s.method(method).trainTeacher(trainTeacher).intervals(grid);
        };
    Path one = consistency("one", 1, 6, change);
    Path two = consistency("two", 2, 6, change);
    for (String group : new String[] {"weights", "target"}) {
      assertTrue(Runs.apart(one, two, group) < 1e-3, group + ": " + Runs.apart(one, two, group));
    }
    assertTrue(Runs.apart(one, two, "adam.m") < 5e-5, "" + Runs.apart(one, two, "adam.m"));
  }

  @Test
  void oneSampleIsTheFirstDevices() throws IOException {
    UnaryOperator<TrainingConfigBuilder> single = b -> b.data(d -> d.withBatchSize(1));
    Runs.assertSameRun(diffusion("one", 1, 5, single), diffusion("two", 2, 5, single));
  }

  /** The state is the same whatever the devices; an update differs by rounding alone. */
  @Test
  void aRunGoesOnOnOtherDevices() throws IOException {
    Path whole = diffusion("whole", 1, 12, c -> c);
    Path moved = diffusion("moved", 2, 5, c -> c);
    diffusion("moved", 3, 4, c -> c);
    diffusion("moved", 1, 12, c -> c);
    assertTrue(
        Runs.apart(whole, moved, "weights") < 1e-4, "" + Runs.apart(whole, moved, "weights"));
    try (Safetensors state = Safetensors.open(moved.resolve(TrainingState.FILE))) {
      assertEquals("48", state.metadata().get("samples"));
      assertEquals("12", state.metadata().get("steps"));
      assertEquals(Set.of("weights", "ema", "adam.m", "adam.v"), groups(state));
    }
  }

  private static Set<String> groups(Safetensors state) {
    return state.names().stream()
        .map(name -> name.substring(0, name.indexOf('/')))
        .collect(Collectors.toSet());
  }

  @Test
  void whatCannotBeSharedIsRefused() {
    assertEquals(
        "adversarial is 0.5, expected 0 on several devices: there is one discriminator",
        refused(s -> s.adversarial(0.5)));
    assertEquals(
        "batchSize is 4, expected a multiple of 8 on 4 devices: the targets of a source"
            + " (multiView, volumeTargets) stay together",
        refused(s -> s.multiView(1)));
  }

  private static String refused(UnaryOperator<ConsistencyConfigBuilder> change) {
    TrainingConfig config =
        TrainingConfig.consistency().toBuilder()
            .data(d -> d.withBatchSize(4))
            .student(change)
            .build();
    return assertThrows(
            IllegalArgumentException.class,
            () -> new TrainingSetup(TinyViews.model(), config, null, List.of(cpus(4))))
        .getMessage();
  }

  @Test
  void thereIsAtLeastOne() {
    assertThrows(IllegalArgumentException.class, () -> DiffusionTrainer.builder().optDevices());
  }
}
