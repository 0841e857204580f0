package ai.fresnel.cvs.train.run;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.FolderLock;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.config.RecipeJson;
import ai.fresnel.cvs.train.config.TrainingConfig;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * {@code recipe.json}: all that decides a run, written when it starts. A run resumes only with the
 * recipe it was started with, but for how long it is, what it saves and draws and how often, and
 * when it is taken for lost.
 *
 * @param stage {@code diffusion} or {@code consistency}
 * @param data the view set
 * @param teacher the teacher's folder in stage 2; in stage 1 that of the model it started from, or
 *     empty
 * @param parts imported parts that it started from, names and what tells each from others
 * @param model the model's configuration, its sigmaData measured
 * @param training the settings
 */
record Recipe(
    String stage,
    String data,
    String teacher,
    Map<String, String> parts,
    ModelConfig model,
    TrainingConfig training) {

  static final String NAME = "recipe.json";

  /** The name that the file had in older versions until it was whole. */
  static final String TEMPORARY = NAME + ".tmp";

  private static final int FORMAT = 2;
  private static final Set<String> NAMES =
      Set.of("format", "stage", "data", "teacher", "parts", "training", "model");
  private static final Set<String> MAY_CHANGE =
      Set.of(
          "maxSamples",
          "stateEvery",
          "previewEvery",
          "validateEvery",
          "keepSnapshots",
          "explosionFactor");

  static boolean exists(Path run) {
    return Files.exists(run.resolve(NAME));
  }

  /**
   * Tells whether a folder is free for a new run: it is empty, or a run was killed in it before it
   * had its recipe.
   */
  static boolean isFresh(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .allMatch(
              name ->
                  name.equals(TEMPORARY)
                      || name.equals(FolderLock.NAME)
                      || name.startsWith("." + NAME + "."));
    }
  }

  String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("format", FORMAT);
    json.addProperty("stage", stage);
    json.addProperty("data", data);
    json.addProperty("teacher", teacher);
    if (!parts.isEmpty()) {
      JsonObject named = new JsonObject();
      new TreeMap<>(parts).forEach(named::addProperty);
      json.add("parts", named);
    }
    json.add("training", RecipeJson.toJson(training));
    json.add("model", tree(model));
    return Json.format(json);
  }

  void write(Path run) throws IOException {
    Files.createDirectories(run);
    Path file = run.resolve(NAME);
    AtomicFiles.deleteLeftovers(file);
    Files.deleteIfExists(run.resolve(TEMPORARY));
    AtomicFiles.write(file, toJson());
  }

  private static JsonElement tree(ModelConfig model) {
    return Json.parse(model.toJson(), "model").json();
  }

  static Recipe read(Path run, TrainingConfig defaults) throws IOException {
    Path file = run.resolve(NAME);
    try {
      JsonValue json = Json.parse(Files.readString(file), file.toString());
      json.version("format", FORMAT);
      json.checkNames(NAMES);
      return new Recipe(
          json.get("stage").string(),
          json.get("data").string(),
          json.get("teacher").string(),
          parts(json.find("parts")),
          ModelConfig.fromJson(Json.compact(json.get("model").object()), file + ": model"),
          RecipeJson.fromJson(json.get("training"), defaults));
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": not UTF-8", e);
    } catch (JsonException e) {
      // Names the file and the setting already.
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Map<String, String> parts(Optional<JsonValue> json) {
    Map<String, String> parts = new TreeMap<>();
    json.ifPresent(
        named -> named.object().keySet().forEach(n -> parts.put(n, named.get(n).string())));
    return parts;
  }

  /**
   * Checks that a run may go on with these settings.
   *
   * @throws IllegalArgumentException naming the first setting that differs from the run's
   */
  void requireResumable(Path run, Recipe now) {
    require(run, "stage", stage, now.stage);
    requireSameFile(run, "data", data, now.data);
    requireSameFile(run, "teacher", teacher, now.teacher);
    // Runs of older versions do not say theirs.
    parts.forEach((name, its) -> require(run, name, its, now.parts.getOrDefault(name, "none")));
    JsonObject then = RecipeJson.toFlatJson(training);
    JsonObject wanted = RecipeJson.toFlatJson(now.training);
    for (String name : then.keySet()) {
      if (!MAY_CHANGE.contains(name) && wanted.has(name)) {
        require(run, name, then.get(name), wanted.get(name));
      }
    }
    // Settings of one stage alone differ with it.
    require(run, "stage", then.get("stage"), wanted.get("stage"));
    requireSame(run, "model", tree(model), tree(now.model));
  }

  /** Compares two models, down to the first setting that differs. */
  private void requireSame(Path run, String path, JsonElement then, JsonElement now) {
    if (then instanceof JsonObject one
        && now instanceof JsonObject other
        && one.keySet().equals(other.keySet())) {
      for (String name : one.keySet()) {
        String inner = path + (path.equals("model") ? " " : ".") + name;
        requireSame(run, inner, one.get(name), other.get(name));
      }
    } else if (then instanceof JsonArray one
        && now instanceof JsonArray other
        && one.size() == other.size()) {
      for (int i = 0; i < one.size(); i++) {
        requireSame(run, path + "[" + i + "]", one.get(i), other.get(i));
      }
    } else if (!(path.equals("model scaling.sigmaData") && teacher.isEmpty())) {
      // A diffusion run measures its own.
      require(run, path, then, now);
    }
  }

  /** The same place may be written in two ways. */
  private static void requireSameFile(Path run, String name, String then, String now) {
    if (!Path.of(then)
        .toAbsolutePath()
        .normalize()
        .equals(Path.of(now).toAbsolutePath().normalize())) {
      require(run, name, then, now);
    }
  }

  private static void require(Path run, String name, Object then, Object now) {
    if (!then.equals(now)) {
      throw new IllegalArgumentException(
          "run "
              + run
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
