package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Weights that diffusers or transformers wrote in several files, of which an index says what is
 * where: {@code weight_map} of {@code model.safetensors.index.json}.
 */
final class Shards {

  /** An index of a million arrays takes less. */
  private static final long MAX_INDEX = 1 << 27;

  private static final String MAP = "weight_map";

  private Shards() {}

  /**
   * Opens the files that an index names.
   *
   * @param index the index
   * @return the weights of all of them; close them after use
   * @throws NoSuchFileException if one is missing
   * @throws ModelFormatException if the index is damaged, names files outside of its folder, or
   *     does not list what the files hold
   */
  static WeightFile open(Path index) throws IOException {
    Map<String, Set<String>> namesOf = read(index);
    JoinedWeights all = new JoinedWeights(index);
    try {
      for (Map.Entry<String, Set<String>> shard : namesOf.entrySet()) {
        Path file = index.resolveSibling(shard.getKey());
        if (!Files.isRegularFile(file)) {
          throw new NoSuchFileException(
              file.toString(), null, "expected, as " + index + " lists it");
        }
        WeightFile open = WeightFile.open(file);
        all.add(open, name -> name);
        requireSame(index, open, shard.getValue());
      }
      return all;
    } catch (Throwable e) {
      all.close();
      throw e;
    }
  }

  private static Map<String, Set<String>> read(Path index) throws IOException {
    if (Files.size(index) > MAX_INDEX) {
      throw new ModelFormatException(index + ": longer than " + MAX_INDEX + " bytes");
    }
    try {
      JsonValue map = Json.parse(Files.readString(index), index.toString()).get(MAP);
      Map<String, Set<String>> namesOf = new TreeMap<>();
      for (String name : map.object().keySet()) {
        String file = map.get(name).string();
        if (file.isEmpty() || file.startsWith(".") || !file.matches("[\\w.-]+")) {
          throw new ModelFormatException(
              map.get(name).wrong("the name of a file beside it").getMessage());
        }
        namesOf.computeIfAbsent(file, key -> new TreeSet<>()).add(name);
      }
      if (namesOf.isEmpty()) {
        throw new ModelFormatException(index + ": " + MAP + " is empty, expected names and files");
      }
      return namesOf;
    } catch (JsonException e) {
      throw new ModelFormatException(e.getMessage(), e);
    }
  }

  private static void requireSame(Path index, WeightFile file, Set<String> listed)
      throws ModelFormatException {
    for (String name : listed) {
      if (!file.names().contains(name)) {
        throw new ModelFormatException(
            file + ": no tensor " + Json.quote(name) + ", which " + index + " says is there");
      }
    }
    for (String name : file.names()) {
      if (!listed.contains(name)) {
        throw new ModelFormatException(
            file + ": tensor " + Json.quote(name) + " is not listed in " + index);
      }
    }
  }
}
