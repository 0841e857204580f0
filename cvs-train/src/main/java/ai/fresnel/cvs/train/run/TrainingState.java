package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.optim.TensorLists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything a resumed run needs, in one file that is replaced in one rename: the samples seen and
 * every array that training changes. Random generators and schedules are functions of the samples
 * seen and need no state of their own.
 *
 * <p>Tensor names are {@code <group>/<parameter>}: groups {@code weights}, {@code adam.m}, {@code
 * adam.v}, {@code ema} and, with a decaying consistency target, {@code target}; {@code scaler}
 * holds the two numbers of a scaled loss.
 */
final class TrainingState {

  /** The file inside a run's folder. */
  static final Path FILE = Path.of("state", "state.safetensors");

  private static final String FORMAT = "1";
  private static final String WHOLE = "[0-9]{1,18}";
  private static final String DECIMAL = "[0-9]{1,18}(\\.[0-9]{1,20})?(E-?[0-9]{1,2})?";

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

  /** Writes the state. */
  void save(Path run, Counters counters) throws IOException {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    groups.forEach((group, map) -> map.forEach((name, a) -> tensors.put(group + "/" + name, a)));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("steps", Long.toString(counters.steps()));
    metadata.put("samples", Long.toString(counters.samples()));
    metadata.put("seconds", Double.toString(counters.seconds()));
    metadata.put("returns", Integer.toString(counters.returns()));
    metadata.put("skipped", Long.toString(counters.skipped()));
    Path file = run.resolve(FILE);
    Files.createDirectories(file.getParent());
    Safetensors.write(file, tensors, metadata);
  }

  /** Tells whether a run has a state to go on from. */
  static boolean exists(Path run) {
    return Files.exists(run.resolve(FILE));
  }

  /**
   * Reads the state back into the arrays it was saved from.
   *
   * @throws ModelFormatException if the file is damaged or of another network
   */
  Counters restore(Path run, NDManager manager) throws IOException {
    Path file = run.resolve(FILE);
    // A killed process leaves the file it was writing, as large as the state itself.
    AtomicFiles.deleteLeftovers(file);
    try (Safetensors saved = Safetensors.open(file)) {
      String format = saved.metadata().get("format");
      if (!FORMAT.equals(format)) {
        throw new ModelFormatException(
            file + ": metadata format is " + format + ", expected " + FORMAT);
      }
      long expected = groups.values().stream().mapToLong(Map::size).sum();
      if (saved.names().size() != expected) {
        throw new ModelFormatException(
            file + " holds " + saved.names().size() + " arrays, expected " + expected);
      }
      for (Map.Entry<String, Map<String, NDArray>> group : groups.entrySet()) {
        for (Map.Entry<String, NDArray> entry : group.getValue().entrySet()) {
          restore(saved, file, group.getKey() + "/" + entry.getKey(), entry.getValue(), manager);
        }
      }
      // States written before samples were called so say images.
      String samples = saved.metadata().containsKey("samples") ? "samples" : "images";
      return new Counters(
          Long.parseLong(number(saved, file, "steps", WHOLE)),
          Long.parseLong(number(saved, file, samples, WHOLE)),
          Double.parseDouble(number(saved, file, "seconds", DECIMAL)),
          // States written before runs could go back have neither.
          saved.metadata().containsKey("returns")
              ? Integer.parseInt(number(saved, file, "returns", "[0-9]{1,3}"))
              : 0,
          saved.metadata().containsKey("skipped")
              ? Long.parseLong(number(saved, file, "skipped", WHOLE))
              : 0);
    }
  }

  private static void restore(
      Safetensors saved, Path file, String name, NDArray target, NDManager manager)
      throws IOException {
    if (!saved.names().contains(name)) {
      throw new ModelFormatException(file + " has no array \"" + name + "\"");
    }
    if (!saved.shape(name).equals(target.getShape())) {
      throw new ModelFormatException(
          file
              + ": array \""
              + name
              + "\" is "
              + saved.shape(name)
              + ", expected "
              + target.getShape());
    }
    try (NDArray value = saved.read(manager, name)) {
      TensorLists.copy(value, target);
    }
  }

  private static String number(Safetensors saved, Path file, String key, String pattern)
      throws IOException {
    String value = saved.metadata().get(key);
    if (value == null || !value.matches(pattern)) {
      throw new ModelFormatException(
          file + ": metadata " + key + " is " + value + ", expected a number");
    }
    return value;
  }
}
