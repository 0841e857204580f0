package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.json.RecordJson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * {@code recipe.json}: all that decides an optimisation, written when it starts. It goes on only
 * with the recipe it was started with.
 *
 * @param data the views, for people and for comparison
 * @param views the number of views
 * @param settings the settings
 */
record SplatRecipe(String data, int views, SplatSettings settings) {

  static final String NAME = "recipe.json";

  private static final int FORMAT = 1;

  /** The spelling of settings. */
  static final RecordJson SETTINGS = RecordJson.builder().lowerCase().build();

  static JsonObject toJson(SplatSettings settings) {
    return SETTINGS.write(settings);
  }

  void write(Path folder) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("format", FORMAT);
    json.addProperty("data", data);
    json.addProperty("views", views);
    json.add("settings", toJson(settings));
    Path file = folder.resolve(NAME);
    AtomicFiles.deleteLeftovers(file);
    AtomicFiles.write(file, Json.format(json));
  }

  static SplatRecipe read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    try {
      JsonValue json = Json.parse(Files.readString(file), file.toString());
      json.version("format", FORMAT);
      json.checkNames(Set.of("format", "data", "views", "settings"));
      return new SplatRecipe(
          json.get("data").string(),
          json.get("views").integer(),
          SETTINGS.read(SplatSettings.class, json.get("settings")));
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": not UTF-8", e);
    } catch (JsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Checks that an optimisation may go on with another recipe.
   *
   * @throws IllegalArgumentException naming the first setting that differs
   */
  void requireSame(Path folder, SplatRecipe now) {
    require(folder, "data", data, now.data);
    require(folder, "views", views, now.views);
    compare(folder, "", toJson(settings), toJson(now.settings));
  }

  private static void compare(Path folder, String path, JsonObject then, JsonObject now) {
    for (String name : then.keySet()) {
      JsonElement one = then.get(name);
      if (one instanceof JsonObject group && now.get(name) instanceof JsonObject other) {
        compare(folder, path + name + ".", group, other);
      } else {
        require(folder, path + name, one, now.get(name));
      }
    }
  }

  private static void require(Path folder, String name, Object then, Object now) {
    if (!then.equals(now)) {
      throw new IllegalArgumentException(
          "run "
              + folder
              + " was started with "
              + name
              + " "
              + then
              + ", not "
              + now
              + "; give it again, or use another folder");
    }
  }
}
