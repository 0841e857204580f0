package ai.fresnel.cvs.train;

import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A {@link TrainingConfig} as JSON. Names are the records', in one flat object; a recipe may give
 * any subset of them and leaves the rest as they are.
 */
public final class RecipeJson {

  private RecipeJson() {}

  /**
   * Writes all settings.
   *
   * @param config the settings
   * @return a JSON object, one entry a setting
   */
  public static JsonObject toJson(TrainingConfig config) {
    JsonObject json = new JsonObject();
    write(config, json);
    return json;
  }

  private static void write(Record settings, JsonObject json) {
    for (RecordComponent setting : settings.getClass().getRecordComponents()) {
      Object value = get(settings, setting);
      if (value instanceof StudentConfig group) {
        write(group, json);
      } else if (value instanceof Number number) {
        json.addProperty(setting.getName(), number);
      } else if (value instanceof Boolean truth) {
        json.addProperty(setting.getName(), truth);
      } else if (value instanceof IntervalSchedule schedule) {
        json.add(setting.getName(), numbers(schedule.phases()));
      } else if (value instanceof List<?> list) {
        json.add(setting.getName(), numbers(list));
      } else {
        json.addProperty(setting.getName(), value.toString().toLowerCase(Locale.ROOT));
      }
    }
  }

  private static JsonArray numbers(List<?> list) {
    JsonArray numbers = new JsonArray();
    list.forEach(number -> numbers.add((Number) number));
    return numbers;
  }

  /**
   * Reads settings over others.
   *
   * @param text a JSON object
   * @param source what to call it in an error, usually the file
   * @param defaults what holds for settings the text leaves out
   * @return the settings
   * @throws IllegalArgumentException if the text is not JSON, names a setting that does not exist
   *     or gives one a value of the wrong type or range
   */
  public static TrainingConfig fromJson(String text, String source, TrainingConfig defaults) {
    return fromJson(object(text, source), source, defaults);
  }

  private static JsonObject object(String text, String source) {
    try {
      return JsonParser.parseString(text).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new IllegalArgumentException(source + " is not a JSON object", e);
    }
  }

  /**
   * Tells which settings a recipe gives.
   *
   * @param text a JSON object
   * @param source what to call it in an error, usually the file
   * @return their names
   * @throws IllegalArgumentException if the text is not a JSON object
   */
  public static Set<String> names(String text, String source) {
    return Set.copyOf(object(text, source).keySet());
  }

  static TrainingConfig fromJson(JsonObject json, String source, TrainingConfig defaults) {
    Set<String> known = toJson(defaults).keySet();
    for (String name : json.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(source + ": there is no setting \"" + name + "\"");
      }
    }
    return read(json, source, defaults);
  }

  private static <R extends Record> R read(JsonObject json, String source, R defaults) {
    @SuppressWarnings("unchecked") // A record class is final.
    Class<R> kind = (Class<R>) defaults.getClass();
    RecordComponent[] settings = kind.getRecordComponents();
    Object[] values = new Object[settings.length];
    Class<?>[] types = new Class<?>[settings.length];
    for (int i = 0; i < settings.length; i++) {
      RecordComponent setting = settings[i];
      types[i] = setting.getType();
      Object before = get(defaults, setting);
      JsonElement value = json.get(setting.getName());
      if (before instanceof StudentConfig group) {
        values[i] = read(json, source, group);
        continue;
      }
      try {
        values[i] = value == null ? before : parse(value, types[i]);
      } catch (IllegalArgumentException
          | IllegalStateException
          | ArithmeticException
          | UnsupportedOperationException
          | DateTimeParseException e) {
        throw new IllegalArgumentException(
            source + ": " + setting.getName() + " is " + value + ", expected " + kind(types[i]), e);
      }
    }
    try {
      Constructor<R> constructor = kind.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(source + ": " + e.getCause().getMessage(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(kind + " has no canonical constructor", e);
    }
  }

  private static Object parse(JsonElement value, Class<?> type) {
    if (type == int.class) {
      return number(value).intValueExact();
    } else if (type == long.class) {
      return number(value).longValueExact();
    } else if (type == double.class) {
      return number(value).doubleValue();
    } else if (type == boolean.class) {
      if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
        return primitive.getAsBoolean();
      }
      throw new IllegalArgumentException("neither true nor false");
    } else if (type.isEnum()) {
      String wanted = text(value).toUpperCase(Locale.ROOT);
      return Arrays.stream(type.getEnumConstants())
          .filter(constant -> constant.toString().equals(wanted))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no such value"));
    } else if (type == Duration.class) {
      return Duration.parse(text(value));
    }
    List<Integer> numbers = new ArrayList<>();
    value.getAsJsonArray().forEach(each -> numbers.add(number(each).intValueExact()));
    return type == List.class ? numbers : new IntervalSchedule(numbers);
  }

  // Gson would take "16" and [16] for 16.
  private static BigDecimal number(JsonElement value) {
    if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
      return primitive.getAsBigDecimal();
    }
    throw new IllegalArgumentException("no number");
  }

  private static String text(JsonElement value) {
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw new IllegalArgumentException("no text");
  }

  private static String kind(Class<?> type) {
    if (type == int.class || type == long.class) {
      return "a whole number";
    } else if (type == double.class) {
      return "a number";
    } else if (type == boolean.class) {
      return "true or false";
    } else if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
    } else if (type == Duration.class) {
      return "a time such as \"pt5m\"";
    }
    return type == List.class
        ? "a list of whole numbers"
        : "a list of whole numbers from 1 to 1000000";
  }

  private static Object get(Record settings, RecordComponent setting) {
    try {
      return setting.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(settings.getClass() + " cannot be read", e);
    }
  }
}
