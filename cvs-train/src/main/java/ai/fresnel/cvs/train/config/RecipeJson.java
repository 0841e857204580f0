package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.json.RecordJson;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import com.google.gson.JsonObject;
import java.util.Set;

/**
 * A {@link TrainingConfig} as JSON. Names are the records', in one flat object; a recipe may give
 * any subset of them and leaves the rest as they are. Constants and times are in lower case.
 */
public final class RecipeJson {

  private static final RecordJson RECORDS =
      RecordJson.builder()
          .lowerCase()
          .flat(ConsistencyConfig.class)
          .inline(IntervalSchedule.class)
          .build();

  private RecipeJson() {}

  /**
   * Writes all settings.
   *
   * @param config the settings
   * @return a JSON object, one entry a setting
   */
  public static JsonObject toJson(TrainingConfig config) {
    return RECORDS.write(config);
  }

  /**
   * Reads settings over others.
   *
   * @param text a JSON object
   * @param source what to call it in an error, usually the file
   * @param defaults what holds for settings the text leaves out
   * @return the settings
   * @throws ai.fresnel.cvs.json.JsonException if the text is not JSON, names a setting twice or one
   *     that does not exist, or gives one a value of the wrong type or range
   */
  public static TrainingConfig fromJson(String text, String source, TrainingConfig defaults) {
    return fromJson(Json.parse(text, source), defaults);
  }

  /**
   * Tells which settings a recipe gives.
   *
   * @param text a JSON object
   * @param source what to call it in an error, usually the file
   * @return their names
   * @throws ai.fresnel.cvs.json.JsonException if the text is not a JSON object, or names a setting
   *     that does not exist
   */
  public static Set<String> names(String text, String source) {
    return RECORDS.given(TrainingConfig.class, Json.parse(text, source));
  }

  /**
   * Reads settings over others.
   *
   * @param json a JSON object
   * @param defaults what holds for settings that it leaves out
   * @return the settings
   * @throws ai.fresnel.cvs.json.JsonException as {@link #fromJson(String, String, TrainingConfig)}
   */
  public static TrainingConfig fromJson(JsonValue json, TrainingConfig defaults) {
    return RECORDS.readOver(defaults, json);
  }
}
