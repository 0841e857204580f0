package ai.fresnel.cvs.model;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.json.RecordJson;
import com.google.gson.JsonObject;

/** Reads and writes a record as a JSON object with a format version. */
final class VersionedJson {
  private static final String VERSION = "formatVersion";

  private VersionedJson() {}

  /** Reads a record from an object without its version. */
  interface Reader<R> {
    R read(int version, JsonValue settings);
  }

  static String write(RecordJson records, int version, Record settings) {
    JsonObject json = new JsonObject();
    json.addProperty(VERSION, version);
    records.write(settings).asMap().forEach(json::add);
    return Json.format(json);
  }

  static <R> R read(String text, String source, int newest, Reader<R> reader)
      throws ModelFormatException {
    try {
      JsonValue json = Json.parse(text, source);
      return reader.read(json.version(VERSION, newest), json.without(VERSION));
    } catch (JsonException e) {
      throw new ModelFormatException(e.getMessage(), e);
    }
  }
}
