package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.ConsistencyTrainer;
import ai.fresnel.cvs.train.DiffusionTrainer;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.testing.TinyViews;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** What the tests of whole runs share. */
public final class Runs {

  /** The state inside a run's folder. */
  public static final Path STATE = TrainingState.FILE;

  /** The state before. */
  public static final Path PREVIOUS = TrainingState.PREVIOUS;

  private Runs() {}

  public static DiffusionTrainer.Builder teacher(Path data, Path run) {
    return DiffusionTrainer.builder()
        .setModel(TinyViews.model())
        .setData(data)
        .setRun(run)
        .optConfig(TinyViews.shortRun(TrainingConfig.diffusion()));
  }

  /** Writes views to learn from, and returns the model of a teacher that has. */
  public static Path trainedTeacher(Path data, Path run) throws IOException {
    TinyViews.write(data, 4, "train", "train", "validation");
    teacher(data, run).build().train();
    return latest(run);
  }

  public static DiffusionTrainer.Builder teacherFrom(Path from, Path data, Path run) {
    return DiffusionTrainer.builder()
        .setFrom(from)
        .setData(data)
        .setRun(run)
        .optConfig(TinyViews.shortRun(TrainingConfig.diffusion()));
  }

  public static ConsistencyTrainer.Builder student(
      Path teacher, Path data, Path run, double targetDecay) {
    return ConsistencyTrainer.builder()
        .setTeacher(teacher)
        .setData(data)
        .setRun(run)
        .optConfig(studentConfig(targetDecay));
  }

  public static TrainingConfig studentConfig(double targetDecay) {
    return TinyViews.shortRun(TrainingConfig.consistency()).toBuilder()
        .student(s -> s.targetDecay(targetDecay).intervals(2, 4, 8))
        .build();
  }

  public static Path latest(Path run) {
    return run.resolve("snapshots").resolve("latest");
  }

  /** Asks to stop after a number of steps. */
  public static BooleanSupplier after(int steps) {
    // The loop asks once before the first step.
    AtomicInteger asked = new AtomicInteger(-1);
    return () -> asked.incrementAndGet() >= steps;
  }

  /** Byte by byte, both the state and the snapshot. */
  public static void assertSameRun(Path expected, Path actual) throws IOException {
    assertSameTensors(expected.resolve(STATE), actual.resolve(STATE));
    Path weights = Path.of(ModelFolder.WEIGHTS);
    assertSameTensors(latest(expected).resolve(weights), latest(actual).resolve(weights));
  }

  private static void assertSameTensors(Path expected, Path actual) throws IOException {
    try (Safetensors one = Safetensors.open(expected);
        Safetensors other = Safetensors.open(actual)) {
      assertEquals(one.names(), other.names());
      assertTrue(one.names().size() > 10);
      for (String name : one.names()) {
        assertEquals(one.bytes(name), other.bytes(name), name);
      }
      for (String counter : new String[] {"steps", "samples"}) {
        assertEquals(one.metadata().get(counter), other.metadata().get(counter), counter);
      }
    }
  }

  /** The largest difference of a group's arrays as a share of the group's largest number. */
  public static double apart(Path one, Path other, String group) throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Safetensors a = Safetensors.open(one.resolve(STATE));
        Safetensors b = Safetensors.open(other.resolve(STATE))) {
      assertEquals(a.names(), b.names());
      double largest = 0;
      double difference = 0;
      for (String name : a.names()) {
        if (name.startsWith(group + "/")) {
          NDArray array = a.read(manager, name);
          largest = Math.max(largest, array.abs().max().getFloat());
          NDArray off = array.sub(b.read(manager, name)).abs().max();
          difference = Math.max(difference, off.getFloat());
        }
      }
      assertTrue(largest > 0, group);
      return difference / largest;
    }
  }
}
