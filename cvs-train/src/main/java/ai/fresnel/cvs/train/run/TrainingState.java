package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.optim.TensorLists;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything a resumed run needs, in one file that is replaced in one rename: the samples seen and
 * every array that training changes. Random generators and schedules are functions of the samples
 * seen and need no state of their own. The state before is kept, for the case that the last is
 * damaged.
 *
 * <p>Tensor names are {@code <group>/<parameter>}: groups {@code weights}, {@code adam.m}, {@code
 * adam.v}, {@code ema} and, with a decaying consistency target, {@code target}; {@code scaler}
 * holds the two numbers of a scaled loss.
 */
final class TrainingState {

  /** The file inside a run's folder. */
  static final Path FILE = Path.of("state", "state.safetensors");

  /** The state before. */
  static final Path PREVIOUS = Path.of("state", "previous.safetensors");

  /** What a state is called that was found damaged. */
  static final Path DAMAGED = Path.of("state", "damaged.safetensors");

  private static final Logger LOG = LoggerFactory.getLogger(TrainingState.class);

  // The largest number of each array: its norm of order infinity.
  private static final TorchFunction FINITE =
      TorchFunction.of(
          "arrays: List[Tensor], order: Tensor",
          """
          largest = torch.stack(torch._foreach_norm(arrays, float(order)), 0)
          return torch.to(torch.all(torch.isfinite(largest)), 6)
          """);

  private final Map<String, Map<String, NDArray>> groups = new LinkedHashMap<>();

  /** Takes an array and the names it has. */
  interface Visitor {
    void visit(String group, String name, NDArray array);
  }

  /** Visits all arrays. */
  void forEach(Visitor visitor) {
    groups.forEach(
        (group, arrays) -> arrays.forEach((name, array) -> visitor.visit(group, name, array)));
  }

  /** The array of a name. */
  NDArray get(String group, String name) {
    return groups.get(group).get(name);
  }

  /** Adds arrays that are saved from where they are, and restored into where they are. */
  TrainingState with(String group, Map<String, NDArray> arrays) {
    groups.put(group, arrays);
    return this;
  }

  /**
   * Progress of a run.
   *
   * @param steps updates
   * @param samples samples seen
   * @param seconds time spent training
   * @param returns how often the run diverged and went back
   * @param skipped batches left out, by that or because a scaled gradient overflowed
   */
  record Counters(long steps, long samples, double seconds, int returns, long skipped) {}

  /** Tells whether all arrays are free of NaN and infinities: what is not so is never saved. */
  boolean isFinite() {
    NDList arguments = new NDList();
    groups
        .values()
        .forEach(
            group -> group.values().forEach(a -> arguments.add(TensorLists.alias(a, "arrays[]"))));
    try (NDManager manager = arguments.get(0).getManager().newSubManager();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      arguments.forEach(alias -> alias.attach(manager));
      arguments.add(manager.create(Double.POSITIVE_INFINITY));
      return FINITE.callList(arguments).singletonOrThrow().getFloat() == 1;
    }
  }

  private Map<String, NDArray> arrays() {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    forEach((group, name, array) -> arrays.put(group + "/" + name, array));
    return arrays;
  }

  /** Writes the state. The last one becomes the previous. */
  void save(Path run, Counters counters) throws IOException {
    Path file = run.resolve(FILE);
    Files.createDirectories(file.getParent());
    StateFile.write(file, run.resolve(PREVIOUS), arrays(), counters);
  }

  /** Tells whether a run has a state to go on from. */
  static boolean exists(Path run) {
    return Files.exists(run.resolve(FILE)) || Files.exists(run.resolve(PREVIOUS));
  }

  /**
   * Reads the last sound state back into the arrays it was saved from. A damaged one is set aside
   * with a word, and the one before is taken.
   *
   * @throws ModelFormatException if both are damaged or of another network; the message is about
   *     the last
   */
  Counters restore(Path run, NDManager manager) throws IOException {
    Path file = run.resolve(FILE);
    Path previous = run.resolve(PREVIOUS);
    // A killed process leaves the file it was writing, as large as the state itself.
    AtomicFiles.deleteLeftovers(file);
    IOException damage;
    try {
      return read(file, manager);
    } catch (FileSystemException e) {
      if (!(e instanceof NoSuchFileException)) {
        throw e;
      }
      damage = new NoSuchFileException(file.toString(), null, "is missing");
    } catch (IOException e) {
      damage = e;
    }
    if (!Files.exists(previous)) {
      throw damage;
    }
    Counters counters;
    try {
      counters = read(previous, manager);
    } catch (IOException e) {
      damage.addSuppressed(e);
      throw damage;
    }
    if (Files.exists(file)) {
      // Away with it: the next save would keep it in the place of the sound one.
      Files.move(file, run.resolve(DAMAGED), StandardCopyOption.REPLACE_EXISTING);
    }
    LOG.warn(
        "{}; going on from the state before, of {} samples",
        damage.getMessage(),
        counters.samples());
    return counters;
  }

  private Counters read(Path file, NDManager manager) throws IOException {
    Counters counters = StateFile.read(file, arrays(), manager);
    if (!isFinite()) {
      throw new ModelFormatException(file + ": damaged: a number in it is not finite");
    }
    return counters;
  }
}
