package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.json.RecordJson;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import com.google.gson.JsonObject;
import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings that a recipe gives, side by side under their names of today: those of groups are
 * taken out of them.
 *
 * @param settings an object at the recipe's place
 * @param stage the name of the stage, where the recipe gives one
 */
record FlatRecipe(JsonValue settings, Optional<JsonValue> stage) {

  /** The stages that have a student. */
  static final Set<Class<?>> STUDENTS =
      Set.of(StageConfig.Consistency.class, StageConfig.Progressive.class);

  private static final String STAGE = "stage";

  /** Names of before, to those of today. */
  private static final Map<String, String> ALIASES =
      Map.of(
          "maxImages", "maxSamples",
          "warmupImages", "warmupSamples",
          "curriculumImages", "curriculumSamples",
          "levels", "pairing",
          "levelMean", "logSigmaMean",
          "levelDeviation", "logSigmaDeviation");

  private static final Map<String, Class<?>> STAGES =
      Map.of(
          "denoising", StageConfig.Denoising.class,
          "sceneAlone", StageConfig.SceneAlone.class,
          "consistency", StageConfig.Consistency.class,
          "progressive", StageConfig.Progressive.class,
          "latentConsistency", StageConfig.LatentConsistency.class);

  static RecordJson.Builder records() {
    return RecordJson.builder().lowerCase().inline(IntervalSchedule.class);
  }

  static RecordJson.Builder flatRecords() {
    return records()
        .flat(AugmentationConfig.class)
        .flat(AnglesConfig.class)
        .flat(MeshesConfig.class)
        .flat(RateConfig.class)
        .flat(SigmasConfig.class)
        .flat(MatchConfig.class)
        .flat(GuidanceConfig.class)
        .flat(AdapterConfig.class)
        .flat(TruthLossConfig.class);
  }

  /**
   * Takes the settings out of their groups.
   *
   * @throws JsonException if a name is not known where it stands, or a setting is there twice
   */
  static FlatRecipe of(JsonValue json) {
    JsonObject flat = new JsonObject();
    Optional<JsonValue> type = Optional.empty();
    Map<String, Class<?>> groups = groups(TrainingConfig.class);
    for (String name : json.names()) {
      if (name.equals(STAGE)) {
        type = takeStage(json.get(name), flat);
      } else if (groups.containsKey(name)) {
        take(json.get(name), List.of(groups.get(name)), flat);
      } else {
        put(json, name, flat);
      }
    }
    JsonValue settings = json.with(flat);
    Set<String> known = new HashSet<>();
    groups.values().forEach(group -> known.addAll(settings(group)));
    STAGES.values().forEach(stage -> known.addAll(settings(stage)));
    settings.checkNames(known);
    return new FlatRecipe(settings, type);
  }

  private static Optional<JsonValue> takeStage(JsonValue json, JsonObject flat) {
    Optional<JsonValue> type = json.find(RecordJson.TYPE);
    if (type.isPresent() && !STAGES.containsKey(type.get().string())) {
      throw type.get()
          .wrong("denoising, sceneAlone, consistency, progressive or latentConsistency");
    }
    List<Class<?>> allowed =
        type.map(name -> List.<Class<?>>of(STAGES.get(name.string())))
            .orElseGet(() -> List.copyOf(STAGES.values()));
    take(json.without(RecordJson.TYPE), allowed, flat);
    return type;
  }

  /** Takes the settings of a group that is one of some records. */
  private static void take(JsonValue group, List<Class<?>> types, JsonObject flat) {
    Set<String> known = new HashSet<>();
    Map<String, Class<?>> inner = new LinkedHashMap<>();
    for (Class<?> type : types) {
      inner.putAll(groups(type));
      for (RecordComponent component : type.getRecordComponents()) {
        known.add(component.getName());
      }
    }
    ALIASES.forEach(
        (old, now) -> {
          if (known.contains(now)) {
            known.add(old);
          }
        });
    group.checkNames(known);
    for (String name : group.names()) {
      if (inner.containsKey(name)) {
        take(group.get(name), List.of(inner.get(name)), flat);
      } else {
        put(group, name, flat);
      }
    }
  }

  private static void put(JsonValue from, String name, JsonObject flat) {
    String now = ALIASES.getOrDefault(name, name);
    if (flat.has(now)) {
      throw new JsonException(
          from.get(name).where()
              + " is there twice, expected "
              + now
              + " once, in its group or beside the groups");
    }
    flat.add(now, from.get(name).json());
  }

  /** The components of a record that are groups. */
  private static Map<String, Class<?>> groups(Class<?> type) {
    Map<String, Class<?>> groups = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getType().isRecord() && component.getType() != IntervalSchedule.class) {
        groups.put(component.getName(), component.getType());
      }
    }
    return groups;
  }

  /** The names of a group's settings and of those of the groups in it. */
  private static Set<String> settings(Class<?> type) {
    Map<String, Class<?>> groups = groups(type);
    Set<String> names = new HashSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (groups.containsKey(component.getName())) {
        names.addAll(settings(component.getType()));
      } else {
        names.add(component.getName());
      }
    }
    return names;
  }

  /** The record of the stage, where the recipe names one. */
  Optional<Class<?>> stageType() {
    return stage.map(name -> STAGES.get(name.string()));
  }

  /** The settings of one group alone. */
  JsonValue only(Class<?> group) {
    Set<String> names = settings(group);
    JsonObject some = new JsonObject();
    for (String name : settings.names()) {
      if (names.contains(name)) {
        some.add(name, settings.get(name).json());
      }
    }
    return settings.with(some);
  }
}
