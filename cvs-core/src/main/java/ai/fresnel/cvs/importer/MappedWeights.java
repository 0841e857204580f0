package ai.fresnel.cvs.importer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The arrays of a file under the names and in the shapes of a network. Every array of the file is
 * accounted for: {@link #of} refuses a file that lacks one, has one too many, or has one of another
 * shape. An array that is not finite is refused when it is read.
 */
public final class MappedWeights implements WeightFile {

  private static final int SHOWN = 10;

  private final WeightFile file;
  private final SortedMap<String, Origin> origins;

  private MappedWeights(WeightFile file, SortedMap<String, Origin> origins) {
    this.file = file;
    this.origins = origins;
  }

  /**
   * Maps a file to a network.
   *
   * @param file the file, which stays open as long as the result is used, and is closed with it
   * @param shapes the shapes of the network's arrays by name
   * @param origin where an array of that name comes from
   * @param leftAside which arrays of the file belong to something else
   * @return the arrays by the network's names
   * @throws ModelFormatException if the file is not one of this network; the message has the first
   *     ten names and a count of what is missing, unexpected or of another shape
   */
  public static MappedWeights of(
      WeightFile file,
      Map<String, Shape> shapes,
      Function<String, Origin> origin,
      Predicate<String> leftAside)
      throws ModelFormatException {
    SortedMap<String, Origin> origins = new TreeMap<>();
    Set<String> missing = new TreeSet<>();
    Set<String> used = new TreeSet<>();
    List<String> differing = new ArrayList<>();
    for (Map.Entry<String, Shape> wanted : new TreeMap<>(shapes).entrySet()) {
      Origin from = origin.apply(wanted.getKey());
      origins.put(wanted.getKey(), from);
      used.addAll(from.names());
      List<String> absent =
          from.names().stream().filter(name -> !file.names().contains(name)).toList();
      absent.forEach(name -> missing.add(Json.quote(name)));
      if (absent.isEmpty() && !from.shape(file).equals(Optional.of(wanted.getValue()))) {
        differing.add(difference(file, from, wanted.getValue()));
      }
    }
    List<String> unexpected =
        file.names().stream()
            .filter(name -> !used.contains(name) && !leftAside.test(name))
            .map(Json::quote)
            .toList();
    List<String> complaints = new ArrayList<>();
    complain(complaints, List.copyOf(missing), "missing");
    complain(complaints, unexpected, "unexpected");
    complain(complaints, differing, "of another shape");
    if (!complaints.isEmpty()) {
      throw new ModelFormatException(
          file + " does not fit the network: " + String.join("; ", complaints));
    }
    return new MappedWeights(file, Collections.unmodifiableSortedMap(origins));
  }

  private static String difference(WeightFile file, Origin from, Shape wanted) {
    String name = from.names().get(0);
    String changed = from instanceof Origin.Whole ? "" : " after conversion";
    return "%s has %s, expected %s%s"
        .formatted(Json.quote(name), file.shape(name), wanted, changed);
  }

  private static void complain(List<String> complaints, List<String> names, String what) {
    if (!names.isEmpty()) {
      List<String> shown = names.subList(0, Math.min(SHOWN, names.size()));
      String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
      complaints.add(names.size() + " " + what + " (" + String.join(", ", shown) + more + ")");
    }
  }

  @Override
  public Set<String> names() {
    return origins.keySet();
  }

  @Override
  public Shape shape(String name) {
    return origin(name).shape(file).orElseThrow();
  }

  @Override
  public DataType dataType(String name) {
    return origin(name).dataType(file);
  }

  @Override
  public NDArray read(NDManager manager, String name) throws IOException {
    NDArray array = origin(name).read(file, manager);
    if (!isFinite(array)) {
      throw new ModelFormatException(
          "%s: tensor %s holds NaN or infinity, expected finite weights"
              .formatted(file, Json.quote(origin(name).names().get(0))));
    }
    return array;
  }

  private static boolean isFinite(NDArray array) {
    if (array.isEmpty()) {
      return true;
    }
    try (NDArray most = array.abs();
        NDArray max = most.max()) {
      return Float.isFinite(max.getFloat());
    }
  }

  /** Returns the types that arrays are stored in: float16, float32 or both. */
  String types() {
    return names().stream()
        .map(name -> dataType(name).name().toLowerCase(Locale.ROOT))
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private Origin origin(String name) {
    Origin origin = origins.get(name);
    if (origin == null) {
      throw new NoSuchElementException(file + " has no tensor for " + Json.quote(name));
    }
    return origin;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
