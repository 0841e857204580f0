package ai.fresnel.cvs.train;

import ai.fresnel.cvs.model.ModelConfig;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/**
 * {@code recipe.json}: all that decides a run, written when it starts. A run resumes only with the
 * recipe it was started with, but for how long it is, what it saves and draws and how often, and
 * when it is taken for lost.
 *
 * @param stage {@code diffusion} or {@code consistency}
 * @param data the view set
 * @param teacher the teacher's folder in stage 2; in stage 1 that of the model it started from, or
 *     empty
 * @param model the model's configuration, its sigmaData measured
 * @param training the settings
 */
record Recipe(
    String stage, String data, String teacher, ModelConfig model, TrainingConfig training) {

  static final String NAME = "recipe.json";

  /** What it is called until it is whole. */
  static final String TEMPORARY = NAME + ".tmp";

  private static final int FORMAT = 1;
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();
  private static final Set<String> MAY_CHANGE =
      Set.of(
          "maxImages",
          "stateEvery",
          "previewEvery",
          "validateEvery",
          "keepSnapshots",
          "explosionFactor");

  static boolean exists(Path run) {
    return Files.exists(run.resolve(NAME));
  }

  String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("format", FORMAT);
    json.addProperty("stage", stage);
    json.addProperty("data", data);
    json.addProperty("teacher", teacher);
    json.add("training", RecipeJson.toJson(training));
    json.add("model", JsonParser.parseString(model.toJson()));
    return GSON.toJson(json);
  }

  void write(Path run) throws IOException {
    Files.createDirectories(run);
    Path temporary = run.resolve(TEMPORARY);
    Files.writeString(temporary, toJson() + "\n", StandardCharsets.UTF_8);
    Files.move(
        temporary,
        run.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  static Recipe read(Path run, TrainingConfig defaults) throws IOException {
    Path file = run.resolve(NAME);
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    try {
      JsonObject json = JsonParser.parseString(text).getAsJsonObject();
      int format = json.get("format").getAsInt();
      if (format != FORMAT) {
        throw new IOException(file + " has format " + format + ", expected " + FORMAT);
      }
      return new Recipe(
          json.get("stage").getAsString(),
          json.get("data").getAsString(),
          json.get("teacher").getAsString(),
          ModelConfig.fromJson(json.get("model").toString(), file + ": model"),
          RecipeJson.fromJson(json.getAsJsonObject("training"), file + ": training", defaults));
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | ClassCastException
        | NumberFormatException
        | UnsupportedOperationException e) {
      throw new IOException(
          file
              + " is damaged, expected format, stage, data, teacher, training and model as a run"
              + " writes them",
          e);
    } catch (IllegalArgumentException e) {
      // Names the file and the setting already.
      throw new IOException(e.getMessage(), e);
    }
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
    JsonObject then = RecipeJson.toJson(training);
    JsonObject wanted = RecipeJson.toJson(now.training);
    for (String name : then.keySet()) {
      if (!MAY_CHANGE.contains(name)) {
        require(run, name, then.get(name), wanted.get(name));
      }
    }
    JsonObject modelThen = JsonParser.parseString(model.toJson()).getAsJsonObject();
    JsonObject modelNow = JsonParser.parseString(now.model.toJson()).getAsJsonObject();
    for (String name : modelThen.keySet()) {
      // A diffusion run measures its own.
      if (!(name.equals("sigmaData") && teacher.isEmpty())) {
        require(run, "model " + name, modelThen.get(name), modelNow.get(name));
      }
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
