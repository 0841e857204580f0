package ai.fresnel.cvs.model;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@link Provenance} as JSON. */
final class ProvenanceJson {
  private static final Set<String> FIELDS =
      Collections.unmodifiableSet(
          new LinkedHashSet<>(
              List.of(
                  "formatVersion",
                  "data",
                  "recipe",
                  "seed",
                  "steps",
                  "samplesSeen",
                  "commit",
                  "parent",
                  "created",
                  "metrics",
                  "notes")));

  private ProvenanceJson() {}

  static String write(Provenance provenance) {
    JsonObject json = new JsonObject();
    json.addProperty("formatVersion", Provenance.FORMAT_VERSION);
    json.addProperty("data", provenance.data());
    json.add("recipe", recipe(provenance.recipe()));
    json.addProperty("seed", provenance.seed());
    json.addProperty("steps", provenance.steps());
    json.addProperty("samplesSeen", provenance.samplesSeen());
    json.addProperty("commit", provenance.commit());
    json.addProperty("parent", provenance.parent());
    json.addProperty("created", provenance.created().toString());
    json.add("metrics", StrictJson.toTree(provenance.metrics()));
    json.add("notes", StrictJson.toTree(provenance.notes()));
    return StrictJson.format(json);
  }

  static Provenance read(String text, String source) throws ModelFormatException {
    JsonObject json = StrictJson.parseObject(text, source);
    StrictJson.checkVersion(json, Provenance.FORMAT_VERSION, source);
    StrictJson.checkNames(json, FIELDS, FIELDS, source);
    String where = source + ": ";
    SortedMap<String, Double> metrics = new TreeMap<>();
    for (Map.Entry<String, JsonElement> entry :
        StrictJson.object(json.get("metrics"), where + "metrics").entrySet()) {
      String name = where + "metric " + StrictJson.quote(entry.getKey());
      metrics.put(entry.getKey(), StrictJson.number(entry.getValue(), name));
    }
    SortedMap<String, String> notes = new TreeMap<>();
    for (Map.Entry<String, JsonElement> entry :
        StrictJson.object(json.get("notes"), where + "notes").entrySet()) {
      String name = where + "note " + StrictJson.quote(entry.getKey());
      notes.put(entry.getKey(), StrictJson.string(entry.getValue(), name));
    }
    String recipe = StrictJson.compact(StrictJson.object(json.get("recipe"), where + "recipe"));
    try {
      return new Provenance(
          StrictJson.string(json.get("data"), where + "data"),
          recipe,
          StrictJson.longInteger(json.get("seed"), where + "seed"),
          StrictJson.longInteger(json.get("steps"), where + "steps"),
          StrictJson.longInteger(json.get("samplesSeen"), where + "samplesSeen"),
          StrictJson.string(json.get("commit"), where + "commit"),
          StrictJson.string(json.get("parent"), where + "parent"),
          time(json.get("created"), where + "created"),
          metrics,
          notes);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(where + e.getMessage(), e);
    }
  }

  private static Instant time(JsonElement json, String where) throws ModelFormatException {
    String text = StrictJson.string(json, where);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new ModelFormatException(
          where + " is " + StrictJson.quote(text) + ", expected a time like 2026-01-31T12:00:00Z",
          e);
    }
  }

  /** The recipe's one form, whatever its spaces were. */
  static String compactObject(String recipe) {
    if (recipe == null) {
      throw new IllegalArgumentException("recipe is null, expected a JSON object");
    }
    return StrictJson.compact(recipe(recipe));
  }

  private static JsonObject recipe(String recipe) {
    try {
      return StrictJson.parseObject(recipe, "recipe");
    } catch (ModelFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  static <V> SortedMap<String, V> copy(Map<String, V> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }
}
