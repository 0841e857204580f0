package ai.fresnel.cvs.model;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.json.RecordJson;
import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads and writes {@link Provenance} as JSON. */
final class ProvenanceJson {
  private static final String VERSION = "formatVersion";
  private static final RecordJson RECORDS =
      RecordJson.builder().raw(Provenance.class, "recipe").build();

  private ProvenanceJson() {}

  static String write(Provenance provenance) {
    JsonObject json = new JsonObject();
    json.addProperty(VERSION, Provenance.FORMAT_VERSION);
    RECORDS.write(provenance).asMap().forEach(json::add);
    return Json.format(json);
  }

  static Provenance read(String text, String source) throws ModelFormatException {
    try {
      JsonValue json = Json.parse(text, source);
      json.version(VERSION, Provenance.FORMAT_VERSION);
      return RECORDS.read(Provenance.class, json.without(VERSION));
    } catch (JsonException e) {
      throw new ModelFormatException(e.getMessage(), e);
    }
  }

  /** Returns the recipe in compact form. */
  static String compactObject(String recipe) {
    if (recipe == null) {
      throw new IllegalArgumentException("recipe is null, expected a JSON object");
    }
    return Json.compact(Json.parse(recipe, "recipe").object());
  }

  static <V> SortedMap<String, V> copy(Map<String, V> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }
}
