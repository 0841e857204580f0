package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.train.optim.TensorLists;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** One file of a {@link TrainingState}: its arrays by name, its counters and a checksum. */
final class StateFile {

  private static final String FORMAT = "1";
  private static final String WHOLE = "[0-9]{1,18}";
  private static final String DECIMAL = "[0-9]{1,18}(\\.[0-9]{1,20})?(E-?[0-9]{1,2})?";

  private StateFile() {}

  /** Writes a file and keeps the one that it replaces under another name. */
  static void write(
      Path file, Path previous, Map<String, NDArray> arrays, TrainingState.Counters counters)
      throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("steps", Long.toString(counters.steps()));
    metadata.put("samples", Long.toString(counters.samples()));
    metadata.put("seconds", Double.toString(counters.seconds()));
    metadata.put("returns", Integer.toString(counters.returns()));
    metadata.put("skipped", Long.toString(counters.skipped()));
    AtomicFiles.writeKeeping(file, previous, Safetensors.checkedContent(arrays, metadata));
  }

  /**
   * Reads a file into the arrays it was saved from. Nothing is copied if it does not fit.
   *
   * @throws ModelFormatException if the file is damaged or of another network
   */
  static TrainingState.Counters read(Path file, Map<String, NDArray> arrays, NDManager manager)
      throws IOException {
    try (Safetensors saved = Safetensors.open(file)) {
      saved.verify();
      String format = saved.metadata().get("format");
      if (!FORMAT.equals(format)) {
        throw new ModelFormatException(
            file + ": metadata format is " + format + ", expected " + FORMAT);
      }
      requireSame(saved, file, arrays);
      TrainingState.Counters counters = counters(saved, file);
      for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
        try (NDArray value = saved.read(manager, array.getKey())) {
          TensorLists.copy(value, array.getValue());
        }
      }
      return counters;
    }
  }

  private static void requireSame(Safetensors saved, Path file, Map<String, NDArray> arrays)
      throws ModelFormatException {
    if (saved.names().size() != arrays.size()) {
      throw new ModelFormatException(
          file + " holds " + saved.names().size() + " arrays, expected " + arrays.size());
    }
    for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
      String name = array.getKey();
      if (!saved.names().contains(name)) {
        throw new ModelFormatException(file + " has no array \"" + name + "\"");
      }
      if (!saved.shape(name).equals(array.getValue().getShape())) {
        throw new ModelFormatException(
            file
                + ": array \""
                + name
                + "\" is "
                + saved.shape(name)
                + ", expected "
                + array.getValue().getShape());
      }
    }
  }

  private static TrainingState.Counters counters(Safetensors saved, Path file)
      throws ModelFormatException {
    // States written before samples were called so say images.
    String samples = saved.metadata().containsKey("samples") ? "samples" : "images";
    return new TrainingState.Counters(
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

  private static String number(Safetensors saved, Path file, String key, String pattern)
      throws ModelFormatException {
    String value = saved.metadata().get(key);
    if (value == null || !value.matches(pattern)) {
      throw new ModelFormatException(
          file + ": metadata " + key + " is " + value + ", expected a number");
    }
    return value;
  }
}
