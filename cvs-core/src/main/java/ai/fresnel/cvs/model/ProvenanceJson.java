package ai.fresnel.cvs.model;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.RecordJson;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads and writes {@link Provenance} as JSON. */
final class ProvenanceJson {
  private static final RecordJson RECORDS =
      RecordJson.builder().raw(Provenance.class, "recipe").build();

  private ProvenanceJson() {}

  static String write(Provenance provenance) {
    return VersionedJson.write(RECORDS, Provenance.FORMAT_VERSION, provenance);
  }

  static Provenance read(String text, String source) throws ModelFormatException {
    return VersionedJson.read(
        text,
        source,
        Provenance.FORMAT_VERSION,
        (version, fields) -> RECORDS.read(Provenance.class, fields));
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
