package ai.fresnel.cvs.json;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes records by their components' names and types. */
final class RecordWriter {
  private final RecordRules rules;

  RecordWriter(RecordRules rules) {
    this.rules = rules;
  }

  JsonObject write(Record settings) {
    JsonObject json = new JsonObject();
    write(settings, json);
    return json;
  }

  private void write(Record settings, JsonObject json) {
    Class<?> type = settings.getClass();
    for (RecordComponent component : type.getRecordComponents()) {
      Object value = get(settings, component);
      if (rules.flat().contains(component.getType())) {
        write((Record) value, json);
      } else if (rules.raw().contains(new RecordRules.Member(type, component.getName()))) {
        json.add(component.getName(), Json.parse((String) value, component.getName()).json());
      } else {
        json.add(component.getName(), json(value, component.getGenericType()));
      }
    }
  }

  private JsonElement json(Object value, Type declared) {
    if (value instanceof Number number) {
      return new JsonPrimitive(number);
    } else if (value instanceof Boolean truth) {
      return new JsonPrimitive(truth);
    } else if (value instanceof String text) {
      return new JsonPrimitive(text);
    } else if (value instanceof Enum<?> constant) {
      return new JsonPrimitive(spelled(constant.name()));
    } else if (value instanceof Duration || value instanceof Instant) {
      return new JsonPrimitive(value instanceof Instant ? "" + value : spelled("" + value));
    } else if (value instanceof Optional<?> optional) {
      Type of = inner(declared, 0);
      return optional.map(inner -> json(inner, of)).orElse(JsonNull.INSTANCE);
    } else if (value instanceof List<?> list) {
      JsonArray array = new JsonArray();
      Type of = inner(declared, 0);
      list.forEach(item -> array.add(json(item, of)));
      return array;
    } else if (value instanceof Map<?, ?> map) {
      JsonObject object = new JsonObject();
      Type of = inner(declared, 1);
      map.forEach((name, item) -> object.add(name.toString(), json(item, of)));
      return object;
    } else if (value instanceof Record settings) {
      return record(settings, declared);
    }
    throw new UnsupportedOperationException(declared + " has no form in JSON");
  }

  /** Returns the declared type of what a list, a map or an option holds. */
  private static Type inner(Type declared, int index) {
    return ((ParameterizedType) declared).getActualTypeArguments()[index];
  }

  private JsonElement record(Record settings, Type declared) {
    if (rules.inline().contains(settings.getClass())) {
      RecordComponent only = settings.getClass().getRecordComponents()[0];
      return json(get(settings, only), only.getGenericType());
    }
    JsonObject json = new JsonObject();
    if (declared instanceof Class<?> type && type.isSealed()) {
      json.addProperty(RecordJson.TYPE, RecordRules.typeName(settings.getClass()));
    }
    write(settings, json);
    return json;
  }

  private String spelled(String text) {
    return rules.lowerCase() ? text.toLowerCase(Locale.ROOT) : text;
  }

  static Object get(Record settings, RecordComponent component) {
    try {
      return component.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(settings.getClass() + " cannot be read, expected a public record", e);
    }
  }
}
