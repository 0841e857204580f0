package ai.fresnel.cvs.json;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.RecordComponent;
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
        json.add(component.getName(), json(value, component.getType()));
      }
    }
  }

  private JsonElement json(Object value, Class<?> declared) {
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
      return optional.map(inner -> json(inner, inner.getClass())).orElse(JsonNull.INSTANCE);
    } else if (value instanceof List<?> list) {
      JsonArray array = new JsonArray();
      list.forEach(item -> array.add(json(item, item.getClass())));
      return array;
    } else if (value instanceof Map<?, ?> map) {
      JsonObject object = new JsonObject();
      map.forEach((name, item) -> object.add(name.toString(), json(item, item.getClass())));
      return object;
    } else if (value instanceof Record settings) {
      return record(settings, declared);
    }
    throw new UnsupportedOperationException(declared + " has no form in JSON");
  }

  private JsonElement record(Record settings, Class<?> declared) {
    if (rules.inline().contains(settings.getClass())) {
      Object only = get(settings, settings.getClass().getRecordComponents()[0]);
      return json(only, only.getClass());
    }
    JsonObject json = new JsonObject();
    if (declared.isSealed()) {
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
