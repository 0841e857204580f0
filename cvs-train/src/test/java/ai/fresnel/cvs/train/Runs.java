package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** What the tests of whole runs share. */
final class Runs {

  private Runs() {}

  static DiffusionTrainer.Builder teacher(Path data, Path run) {
    return DiffusionTrainer.builder()
        .setModel(TinyViews.model())
        .setData(data)
        .setRun(run)
        .optConfig(TinyViews.shortRun(TrainingConfig.diffusion()));
  }

  /** Writes views to learn from, and returns the model of a teacher that has. */
  static Path trainedTeacher(Path data, Path run) throws IOException {
    TinyViews.write(data, 4, "train", "train", "validation");
    teacher(data, run).build().train();
    return latest(run);
  }

  static DiffusionTrainer.Builder teacherFrom(Path from, Path data, Path run) {
    return DiffusionTrainer.builder()
        .setFrom(from)
        .setData(data)
        .setRun(run)
        .optConfig(TinyViews.shortRun(TrainingConfig.diffusion()));
  }

  static ConsistencyTrainer.Builder student(Path teacher, Path data, Path run, double targetDecay) {
    return ConsistencyTrainer.builder()
        .setTeacher(teacher)
        .setData(data)
        .setRun(run)
        .optConfig(studentConfig(targetDecay));
  }

  static TrainingConfig studentConfig(double targetDecay) {
    return TinyViews.shortRun(TrainingConfig.consistency()).toBuilder()
        .student(s -> s.targetDecay(targetDecay).intervals(2, 4, 8))
        .build();
  }

  static Path latest(Path run) {
    return run.resolve("snapshots").resolve("latest");
  }

  /** Asks to stop after a number of steps. */
  static BooleanSupplier after(int steps) {
    // The loop asks once before the first step.
    AtomicInteger asked = new AtomicInteger(-1);
    return () -> asked.incrementAndGet() >= steps;
  }

  /** Byte by byte, both the state and the snapshot. */
  static void assertSameRun(Path expected, Path actual) throws IOException {
    assertSameTensors(expected.resolve(TrainingState.FILE), actual.resolve(TrainingState.FILE));
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
      for (String counter : new String[] {"steps", "images"}) {
        assertEquals(one.metadata().get(counter), other.metadata().get(counter), counter);
      }
    }
  }

  /** The largest difference of a group's arrays as a share of the group's largest number. */
  static double apart(Path one, Path other, String group) throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Safetensors a = Safetensors.open(one.resolve(TrainingState.FILE));
        Safetensors b = Safetensors.open(other.resolve(TrainingState.FILE))) {
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
