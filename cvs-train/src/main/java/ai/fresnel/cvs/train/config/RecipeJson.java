package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.json.RecordJson;
import com.google.gson.JsonObject;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A {@link TrainingConfig} as JSON. It is written as a tree of groups, whose names are the
 * records'. A recipe may give any subset of the settings and leaves the rest as they are. Each
 * setting may stand in its group or beside the groups, for no two have the same name: a flat object
 * is a recipe too. Constants and times are in lower case.
 */
public final class RecipeJson {

  private static final RecordJson TREE = FlatRecipe.records().build();
  private static final RecordJson FLAT = FlatRecipe.flatRecords().build();
  private static final String METHOD = "method";
  private static final String TRAIN_TEACHER = "trainTeacher";
  private static final String VOLUME_TARGETS = "volumeTargets";

  private RecipeJson() {}

  /**
   * Writes all settings.
   *
   * @param config the settings
   * @return a JSON object, one entry a group
   */
  public static JsonObject toJson(TrainingConfig config) {
    return TREE.write(config);
  }

  /**
   * Writes all settings side by side.
   *
   * @param config the settings
   * @return a JSON object, one entry a setting, and {@code stage} with the stage's name
   */
  public static JsonObject toFlatJson(TrainingConfig config) {
    FlatRecipe flat = FlatRecipe.of(JsonValue.of(toJson(config), "settings"));
    JsonObject json = flat.settings().object();
    flat.stage().ifPresent(stage -> json.add("stage", stage.json()));
    return json;
  }

  /**
   * Reads settings over others.
   *
   * @param text a JSON object
   * @param source what to call it in an error, usually the file
   * @param defaults what holds for settings the text leaves out; their stage is the one that a flat
   *     recipe changes
   * @return the settings
   * @throws JsonException if the text is not JSON, names a setting twice or one that does not
   *     exist, or gives one a value of the wrong type or range
   */
  public static TrainingConfig fromJson(String text, String source, TrainingConfig defaults) {
    return fromJson(Json.parse(text, source), defaults);
  }

  /**
   * Tells which settings a recipe gives.
   *
   * @param text a JSON object
   * @param source what to call it in an error, usually the file
   * @return their names of today
   * @throws JsonException if the text is not a JSON object, or names a setting that does not exist
   */
  public static Set<String> names(String text, String source) {
    return FlatRecipe.of(Json.parse(text, source)).settings().names();
  }

  /**
   * Reads settings over others.
   *
   * @param json a JSON object
   * @param defaults what holds for settings that it leaves out
   * @return the settings
   * @throws JsonException as {@link #fromJson(String, String, TrainingConfig)}
   */
  public static TrainingConfig fromJson(JsonValue json, TrainingConfig defaults) {
    FlatRecipe recipe = FlatRecipe.of(json);
    RunConfig run = group(recipe, defaults.run());
    DataConfig data = group(recipe, defaults.data());
    OptimizationConfig optimization = group(recipe, defaults.optimization());
    ComputeConfig compute = group(recipe, defaults.compute());
    AveragingConfig averaging = group(recipe, defaults.averaging());
    HeadLossConfig losses = group(recipe, defaults.losses());
    StageConfig stage = stage(recipe, defaults.stage());
    try {
      return new TrainingConfig(run, data, optimization, compute, averaging, losses, stage);
    } catch (IllegalArgumentException e) {
      throw json.refused(e);
    }
  }

  private static <R extends Record> R group(FlatRecipe recipe, R before) {
    return FLAT.readOver(before, recipe.only(before.getClass()));
  }

  private static StageConfig stage(FlatRecipe recipe, StageConfig before) {
    Optional<Class<?>> type = recipe.stageType();
    if (type.map(StageConfig.LatentConsistency.class::equals)
        .orElse(before instanceof StageConfig.LatentConsistency)) {
      return group(
          recipe,
          before instanceof StageConfig.LatentConsistency its
              ? its
              : StageConfig.LatentConsistency.defaults());
    }
    boolean hasStudent =
        type.map(FlatRecipe.STUDENTS::contains).orElse(before.consistency().isPresent());
    if (!hasStudent) {
      // One recipe may serve both stages: settings of the other are checked and have no effect.
      student(recipe, TrainingConfig.consistency().stage(), ConsistencyMethod.DISTILLATION);
      return first(recipe, before);
    }
    Optional<JsonValue> targets = recipe.settings().find(VOLUME_TARGETS);
    if (targets.isPresent() && targets.get().integer() != 0) {
      throw targets.get().wrong("0 in stage 2: a student is a whole network");
    }
    StageConfig from =
        before.consistency().isPresent() ? before : TrainingConfig.consistency().stage();
    ConsistencyMethod method = from.partner().orElseThrow();
    if (type.filter(StageConfig.Progressive.class::equals).isPresent()) {
      method = ConsistencyMethod.PROGRESSIVE;
    } else if (type.isPresent() && method == ConsistencyMethod.PROGRESSIVE) {
      method = ConsistencyMethod.DISTILLATION;
    }
    return student(recipe, from, method);
  }

  /** Stage 1, or the volume alone before it. */
  private static StageConfig first(FlatRecipe recipe, StageConfig before) {
    boolean alone = recipe.stageType().filter(StageConfig.SceneAlone.class::equals).isPresent();
    StageConfig.SceneAlone scene =
        before instanceof StageConfig.SceneAlone its ? its : StageConfig.SceneAlone.of(1);
    StageConfig.Denoising whole =
        before instanceof StageConfig.Denoising its ? its : StageConfig.Denoising.plain();
    Optional<JsonValue> targets = recipe.settings().find(VOLUME_TARGETS);
    if (targets.isPresent()) {
      int count = targets.get().integer();
      if (count < 0 || count > 64) {
        throw targets.get().wrong("0 to 64");
      }
      return group(recipe, count == 0 ? whole : scene);
    }
    if (before == scene && (alone || recipe.stageType().isEmpty())) {
      return group(recipe, scene);
    }
    if (alone) {
      throw recipe.settings().refused(new IllegalArgumentException(VOLUME_TARGETS + " is missing"));
    }
    return group(recipe, whole);
  }

  private static StageConfig student(
      FlatRecipe recipe, StageConfig before, ConsistencyMethod methodBefore) {
    JsonValue settings = recipe.settings();
    ConsistencyConfig read = group(recipe, before.consistency().orElseThrow());
    ConsistencyMethod method = settings.find(METHOD).map(RecipeJson::method).orElse(methodBefore);
    boolean trainTeacher =
        settings.find(TRAIN_TEACHER).map(JsonValue::bool).orElse(before.trainsTeacher());
    try {
      return StageConfig.of(method, trainTeacher, read);
    } catch (IllegalArgumentException e) {
      throw settings.refused(e);
    }
  }

  private static ConsistencyMethod method(JsonValue json) {
    String text = json.json().isJsonPrimitive() ? json.json().getAsString() : "";
    for (ConsistencyMethod method : ConsistencyMethod.values()) {
      if (method.name().equals(text.toUpperCase(Locale.ROOT))) {
        return method;
      }
    }
    throw json.wrong("distillation, training or progressive");
  }
}
