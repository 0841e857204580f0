package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.json.JsonValue;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads and writes {@code split.json} in the root of a view set: id → train, validation or test.
 */
final class SplitFile {

  static final String NAME = "split.json";
  private static final long MAX_BYTES = 1 << 28;

  private SplitFile() {}

  static void write(Path root, Map<String, Split> splits) throws IOException {
    JsonObject objects = new JsonObject();
    splits.forEach((id, split) -> objects.addProperty(id, split.name().toLowerCase(Locale.ROOT)));
    JsonObject json = new JsonObject();
    json.addProperty("format", 1);
    json.add("objects", objects);
    JsonFile.write(root.resolve(NAME), json);
  }

  static Map<String, Split> read(Path root) throws IOException {
    return JsonFile.read(
        root.resolve(NAME),
        MAX_BYTES,
        "format 1 and objects, each train, validation or test",
        json -> {
          Map<String, Split> splits = new TreeMap<>();
          JsonValue objects = json.get("objects");
          for (String id : objects.names()) {
            splits.put(id, split(objects.get(id)));
          }
          return splits;
        });
  }

  private static Split split(JsonValue json) {
    for (Split split : Split.values()) {
      if (split.name().equalsIgnoreCase(json.string())) {
        return split;
      }
    }
    throw json.wrong("train, validation or test");
  }
}
