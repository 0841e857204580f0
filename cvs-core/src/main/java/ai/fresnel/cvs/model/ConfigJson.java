package ai.fresnel.cvs.model;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.json.RecordJson;
import com.google.gson.JsonObject;

/**
 * Reads and writes {@link ModelConfig} as JSON. Names and types are those of the records, so a new
 * setting needs no code here. A setting that older folders lack gets its value by {@link
 * RecordJson.Builder#missing}.
 */
final class ConfigJson {
  private static final String VERSION = "formatVersion";
  private static final RecordJson RECORDS = RecordJson.builder().build();

  private ConfigJson() {}

  static String write(ModelConfig config) {
    JsonObject json = new JsonObject();
    json.addProperty(VERSION, ModelConfig.FORMAT_VERSION);
    RECORDS.write(config).asMap().forEach(json::add);
    return Json.format(json);
  }

  static ModelConfig read(String text, String source) throws ModelFormatException {
    try {
      JsonValue json = Json.parse(text, source);
      int version = json.version(VERSION, ModelConfig.FORMAT_VERSION);
      JsonValue settings = json.without(VERSION);
      return version == 1
          ? FlatConfigJson.read(settings, source)
          : RECORDS.read(ModelConfig.class, settings);
    } catch (JsonException e) {
      throw new ModelFormatException(e.getMessage(), e);
    }
  }
}
