package ai.fresnel.cvs.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** Matches a file's weights with a network's parameters by name. */
public final class WeightMatch {
  private static final int SHOWN = 4;

  private WeightMatch() {}

  /**
   * Refuses weights whose names, shapes or kinds of types differ from the parameters'.
   *
   * @param weights the file
   * @param file its name in messages
   * @param parameters the network's arrays by name
   * @throws ModelFormatException if they differ; the message lists the first few
   */
  public static void check(Safetensors weights, String file, Map<String, NDArray> parameters)
      throws ModelFormatException {
    check(
        weights,
        file,
        parameters.keySet(),
        name -> difference(weights, name, parameters.get(name)));
  }

  /**
   * Refuses weights whose names or shapes differ from those of parameters that have no memory.
   *
   * @param weights the file
   * @param file its name in messages
   * @param parameters the shapes of the network's parameters by name
   * @throws ModelFormatException if they differ; the message lists the first few
   */
  public static void checkShapes(Safetensors weights, String file, Map<String, Shape> parameters)
      throws ModelFormatException {
    check(
        weights,
        file,
        parameters.keySet(),
        name -> difference(weights, name, parameters.get(name)));
  }

  private static void check(
      Safetensors weights, String file, Set<String> names, UnaryOperator<String> difference)
      throws ModelFormatException {
    List<String> missing = new ArrayList<>();
    List<String> differing = new ArrayList<>();
    for (String name : new TreeSet<>(names)) {
      if (!weights.names().contains(name)) {
        missing.add(Json.quote(name));
      } else {
        String found = difference.apply(name);
        if (found != null) {
          differing.add(Json.quote(name) + " " + found);
        }
      }
    }
    List<String> unexpected = new ArrayList<>();
    for (String name : weights.names()) {
      if (!names.contains(name)) {
        unexpected.add(Json.quote(name));
      }
    }
    List<String> complaints = new ArrayList<>();
    complain(complaints, missing, "missing");
    complain(complaints, unexpected, "unexpected");
    complain(complaints, differing, "different");
    if (!complaints.isEmpty()) {
      throw new ModelFormatException(
          file + " does not fit the network: " + String.join("; ", complaints));
    }
  }

  /**
   * Returns whether the file has a weight with the parameter's name, shape and kind of type.
   *
   * @param weights the file
   * @param name the parameter's name
   * @param parameter its array
   * @return true if it can be loaded
   */
  public static boolean fits(Safetensors weights, String name, NDArray parameter) {
    return weights.names().contains(name) && difference(weights, name, parameter) == null;
  }

  private static String difference(Safetensors weights, String name, NDArray parameter) {
    String difference = difference(weights, name, parameter.getShape());
    if (difference != null) {
      return difference;
    }
    if (weights.dataType(name).isFloating() != parameter.getDataType().isFloating()) {
      return "is " + weights.dataType(name) + ", expected " + parameter.getDataType();
    }
    return null;
  }

  private static String difference(Safetensors weights, String name, Shape expected) {
    Shape stored = weights.shape(name);
    return stored.equals(expected) ? null : "has shape " + stored + ", expected " + expected;
  }

  private static void complain(List<String> complaints, List<String> names, String what) {
    if (!names.isEmpty()) {
      List<String> shown = names.subList(0, Math.min(SHOWN, names.size()));
      String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
      complaints.add(names.size() + " " + what + " (" + String.join(", ", shown) + more + ")");
    }
  }

  /**
   * Copies weights over parameters of the same names and shapes, one at a time, so that loading
   * needs only the memory of one weight more.
   *
   * @param weights the file
   * @param file its name in messages
   * @param parameters arrays by name, all in the file
   * @throws ModelFormatException if a weight is not finite
   * @throws IOException if the file cannot be read
   */
  public static void load(Safetensors weights, String file, Map<String, NDArray> parameters)
      throws IOException {
    for (Map.Entry<String, NDArray> parameter : parameters.entrySet()) {
      NDArray target = parameter.getValue();
      try (NDManager scope = target.getManager().newSubManager()) {
        NDArray value = weights.read(scope, parameter.getKey());
        if (!isFinite(value)) {
          throw new ModelFormatException(
              file
                  + ": tensor "
                  + Json.quote(parameter.getKey())
                  + " holds NaN or infinity, expected finite weights");
        }
        copy(value, target);
      }
    }
  }

  /** Returns whether all numbers of an array are finite. */
  static boolean isFinite(NDArray array) {
    if (!array.getDataType().isFloating() || array.size() == 0) {
      return true;
    }
    // A sum is cheap and shows every NaN and infinity. It may also overflow by itself.
    return isFiniteNumber(array.sum())
        || (isFiniteNumber(array.max()) && isFiniteNumber(array.min()));
  }

  private static boolean isFiniteNumber(NDArray number) {
    try (NDArray scalar = number;
        NDArray wide = scalar.toType(DataType.FLOAT32, true)) {
      return Float.isFinite(wide.getFloat());
    }
  }

  /**
   * Copies {@code source} over {@code target} of the same shape, converting between floating types.
   * NDArray.set(Buffer) would give the array other memory, and views of it would keep the old.
   */
  static void copy(NDArray source, NDArray target) {
    if (target.size() == 0) {
      return;
    }
    boolean gradients = JniUtils.isGradMode();
    // A parameter may be written in place only while no gradients are recorded.
    JniUtils.setGradMode(false);
    try {
      if (target.getShape().isScalar()) {
        // A scalar has no axis to index; reshaped to (1) it is a view of the same memory.
        target.reshape(1).set(new NDIndex(":"), source.reshape(1));
      } else {
        target.set(new NDIndex(":"), source);
      }
    } finally {
      JniUtils.setGradMode(gradients);
    }
  }
}
