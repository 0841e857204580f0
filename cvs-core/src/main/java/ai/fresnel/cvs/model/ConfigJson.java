package ai.fresnel.cvs.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@link ModelConfig} as JSON. The settings' names and types are the record's own, so a new setting
 * cannot be forgotten here.
 */
final class ConfigJson {
  private static final String VERSION = "formatVersion";
  private static final RecordComponent[] SETTINGS = ModelConfig.class.getRecordComponents();

  /** Settings that folders older than they do not name, and what holds there. */
  private static final Map<String, Object> LATER =
      Map.of(
          "depthHead",
          false,
          "volumeChannels",
          List.of(),
          "volumeSlices",
          ModelConfigBuilder.SLICES,
          "volumeFeatures",
          ModelConfigBuilder.FEATURES);

  /** Settings of the lift, a part that is no more, which folders written before then name. */
  private static final String LIFT = "liftChannels";

  private static final Set<String> GONE = Set.of(LIFT, "liftSamples");

  private ConfigJson() {}

  static String write(ModelConfig config) {
    JsonObject json = new JsonObject();
    json.addProperty(VERSION, ModelConfig.FORMAT_VERSION);
    for (RecordComponent setting : SETTINGS) {
      json.add(setting.getName(), StrictJson.toTree(value(config, setting)));
    }
    return StrictJson.format(json);
  }

  private static Object value(ModelConfig config, RecordComponent setting) {
    try {
      return setting.getAccessor().invoke(config);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("accessor of " + setting.getName(), e);
    }
  }

  static ModelConfig read(String text, String source) throws ModelFormatException {
    JsonObject json = StrictJson.parseObject(text, source);
    StrictJson.checkVersion(json, ModelConfig.FORMAT_VERSION, source);
    Set<String> known = new LinkedHashSet<>();
    known.add(VERSION);
    for (RecordComponent setting : SETTINGS) {
      known.add(setting.getName());
    }
    Set<String> required = new LinkedHashSet<>(known);
    required.removeAll(LATER.keySet());
    known.addAll(GONE);
    StrictJson.checkNames(json, required, known, source);
    refuseLift(json, source);
    Object[] values = new Object[SETTINGS.length];
    for (int i = 0; i < values.length; i++) {
      String name = SETTINGS[i].getName();
      values[i] =
          json.has(name)
              ? value(json.get(name), SETTINGS[i].getType(), source + ": " + name)
              : LATER.get(name);
    }
    try {
      return construct(values);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(source + ": " + e.getMessage(), e);
    }
  }

  /** A folder without a lift is read as if it did not name one; the weights of one fit nowhere. */
  private static void refuseLift(JsonObject json, String source) throws ModelFormatException {
    for (String name : GONE) {
      if (json.has(name)) {
        int value = StrictJson.integer(json.get(name), source + ": " + name);
        if (name.equals(LIFT) && value != 0) {
          throw new ModelFormatException(
              source
                  + ": "
                  + LIFT
                  + " is "
                  + value
                  + ", expected 0: the lift is no longer supported, train a model with a volume"
                  + " (volumeChannels)");
        }
      }
    }
  }

  private static ModelConfig construct(Object[] values) {
    Class<?>[] types = Arrays.stream(SETTINGS).map(RecordComponent::getType).toArray(Class[]::new);
    try {
      return ModelConfig.class.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new LinkageError("constructor of ModelConfig", e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("constructor of ModelConfig", e);
    }
  }

  private static Object value(JsonElement json, Class<?> type, String where)
      throws ModelFormatException {
    if (type == int.class) {
      return StrictJson.integer(json, where);
    } else if (type == double.class) {
      return StrictJson.number(json, where);
    } else if (type == boolean.class) {
      return StrictJson.bool(json, where);
    } else if (type == String.class) {
      return StrictJson.string(json, where);
    } else if (type == ModelConfig.Kind.class) {
      return kind(StrictJson.string(json, where), where);
    } else if (type == List.class) {
      return integers(json, where);
    } else if (type == SortedMap.class) {
      return levels(json, where);
    }
    throw new AssertionError(where + " has no reader for " + type);
  }

  private static ModelConfig.Kind kind(String text, String where) throws ModelFormatException {
    for (ModelConfig.Kind kind : ModelConfig.Kind.values()) {
      if (kind.name().equals(text)) {
        return kind;
      }
    }
    throw new ModelFormatException(
        where + " is " + StrictJson.quote(text) + ", expected DIFFUSION or CONSISTENCY");
  }

  private static List<Integer> integers(JsonElement json, String where)
      throws ModelFormatException {
    JsonArray array = StrictJson.array(json, where);
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      values.add(StrictJson.integer(array.get(i), where + "[" + i + "]"));
    }
    return values;
  }

  private static SortedMap<Integer, List<Double>> levels(JsonElement json, String where)
      throws ModelFormatException {
    SortedMap<Integer, List<Double>> levels = new TreeMap<>();
    for (Map.Entry<String, JsonElement> entry : StrictJson.object(json, where).entrySet()) {
      String key = entry.getKey();
      if (!key.matches("[1-9][0-9]?")) {
        throw new ModelFormatException(
            where + " has " + StrictJson.quote(key) + ", expected a number of passes, 1 to 64");
      }
      JsonArray array = StrictJson.array(entry.getValue(), where + "[" + key + "]");
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < array.size(); i++) {
        values.add(StrictJson.number(array.get(i), where + "[" + key + "][" + i + "]"));
      }
      levels.put(Integer.valueOf(key), values);
    }
    return levels;
  }
}
