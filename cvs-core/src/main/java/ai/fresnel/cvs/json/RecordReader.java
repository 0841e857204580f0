package ai.fresnel.cvs.json;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads records by their components' names and types, completely or merged over another record. */
final class RecordReader {
  private final RecordRules rules;

  RecordReader(RecordRules rules) {
    this.rules = rules;
  }

  /** Reads a record; without {@code before} every component must be present. */
  <R> R read(Class<R> type, JsonValue json, Optional<? extends Object> before) {
    json.checkNames(rules.names(type).keySet());
    return type.cast(members(type, json, before));
  }

  private Object members(Class<?> type, JsonValue json, Optional<? extends Object> before) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      RecordComponent component = components[i];
      Optional<Object> old = before.map(b -> RecordWriter.get((Record) b, component));
      if (rules.flat().contains(component.getType())) {
        values[i] = members(component.getType(), json, old);
        continue;
      }
      RecordRules.Member member = new RecordRules.Member(type, component.getName());
      Optional<JsonValue> given = find(json, member);
      if (given.isEmpty()) {
        values[i] =
            old.or(() -> Optional.ofNullable(rules.missing().get(member)))
                .orElseThrow(
                    () ->
                        new JsonException(
                            json.path().settings() + component.getName() + " is missing"));
      } else if (rules.raw().contains(member)) {
        values[i] = Json.compact(given.get().object());
      } else {
        values[i] = value(component.getGenericType(), given.get(), old);
      }
    }
    return construct(type, values, json.path());
  }

  /** Returns a component's value under its current or an older name, but not under two. */
  private Optional<JsonValue> find(JsonValue json, RecordRules.Member member) {
    Optional<JsonValue> found = json.find(member.name());
    for (Map.Entry<RecordRules.Member, String> alias : rules.aliases().entrySet()) {
      String old = alias.getKey().name();
      boolean isOlder =
          alias.getKey().type().equals(member.type())
              && alias.getValue().equals(member.name())
              && json.find(old).isPresent();
      if (isOlder && found.isPresent()) {
        throw new JsonException(
            found.get().where() + " is there twice, expected it without the older name " + old);
      }
      found = isOlder ? json.find(old) : found;
    }
    return found;
  }

  private Object value(Type type, JsonValue json, Optional<Object> before) {
    if (type instanceof ParameterizedType generic) {
      Type[] of = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return list(of[0], json);
      } else if (generic.getRawType() == SortedMap.class) {
        return map(of[0], of[1], json);
      } else if (generic.getRawType() == Optional.class) {
        Optional<Object> inner = before.flatMap(b -> (Optional<?>) b);
        return json.isNull() ? Optional.empty() : Optional.of(value(of[0], json, inner));
      }
    } else if (type instanceof Class<?> plain) {
      return value(plain, json, before);
    }
    throw new UnsupportedOperationException(type + " has no form in JSON");
  }

  private Object value(Class<?> type, JsonValue json, Optional<Object> before) {
    if (type == int.class || type == Integer.class) {
      return json.integer();
    } else if (type == long.class || type == Long.class) {
      return json.longInteger();
    } else if (type == double.class || type == Double.class) {
      return json.number();
    } else if (type == boolean.class || type == Boolean.class) {
      return json.bool();
    } else if (type == String.class) {
      return json.string();
    } else if (type.isEnum()) {
      return constant(type, json);
    } else if (type == Duration.class || type == Instant.class) {
      return time(type, json);
    } else if (rules.inline().contains(type)) {
      return inline(type, json);
    } else if (type.isRecord()) {
      return read(type, json, before);
    } else if (type.isSealed()) {
      return oneOf(type, json, before);
    }
    throw new UnsupportedOperationException(type + " has no form in JSON");
  }

  private List<Object> list(Type type, JsonValue json) {
    List<Object> values = new ArrayList<>();
    for (JsonValue item : json.items()) {
      values.add(value(type, item, Optional.empty()));
    }
    return values;
  }

  private SortedMap<Object, Object> map(Type keys, Type type, JsonValue json) {
    SortedMap<Object, Object> values = new TreeMap<>();
    for (String name : json.names()) {
      Object key = name;
      if (keys == Integer.class) {
        if (!name.matches("0|[1-9][0-9]{0,8}")) {
          throw new JsonException(
              json.where() + " has " + Json.quote(name) + ", expected an integer as name");
        }
        key = Integer.valueOf(name);
      }
      values.put(key, value(type, json.get(name), Optional.empty()));
    }
    return values;
  }

  private Object constant(Class<?> type, JsonValue json) {
    String[] names =
        Stream.of(type.getEnumConstants())
            .map(constant -> ((Enum<?>) constant).name())
            .map(name -> rules.lowerCase() ? name.toLowerCase(Locale.ROOT) : name)
            .toArray(String[]::new);
    if (json.json().isJsonPrimitive()) {
      String text = json.json().getAsString();
      String wanted = rules.lowerCase() ? text.toLowerCase(Locale.ROOT) : text;
      for (int i = 0; i < names.length; i++) {
        if (names[i].equals(wanted)) {
          return type.getEnumConstants()[i];
        }
      }
    }
    throw json.wrong(choice(names));
  }

  private Object time(Class<?> type, JsonValue json) {
    boolean instant = type == Instant.class;
    String expected = instant ? "a time like 2026-01-31T12:00:00Z" : "a time such as \"pt5m\"";
    if (json.json().isJsonPrimitive()) {
      String text = json.json().getAsString();
      try {
        return instant ? Instant.parse(text) : Duration.parse(text);
      } catch (DateTimeException e) {
        throw json.wrong(expected);
      }
    }
    throw json.wrong(expected);
  }

  private Object inline(Class<?> type, JsonValue json) {
    RecordComponent only = type.getRecordComponents()[0];
    Object[] values = {value(only.getGenericType(), json, Optional.empty())};
    try {
      return construct(type, values);
    } catch (IllegalArgumentException e) {
      // The record's own message begins with a name that is not in the text.
      String message = Json.firstLine(e);
      String name = only.getName();
      String about =
          message.startsWith(name + " ")
              ? json.where() + message.substring(name.length())
              : json.path().prefix() + message;
      throw new JsonException(about, e);
    }
  }

  private Object oneOf(Class<?> type, JsonValue json, Optional<Object> before) {
    Class<?>[] kinds = type.getPermittedSubclasses();
    Arrays.sort(kinds, Comparator.comparing(Class::getSimpleName));
    String[] names = Arrays.stream(kinds).map(RecordRules::typeName).toArray(String[]::new);
    Optional<JsonValue> given = json.find(RecordJson.TYPE);
    if (given.isEmpty() && before.isPresent()) {
      return read(before.get().getClass(), json, before);
    }
    JsonValue name = json.get(RecordJson.TYPE);
    int index = Arrays.asList(names).indexOf(name.json().isJsonNull() ? "" : name.string());
    if (index < 0) {
      throw name.wrong(choice(names));
    }
    Class<?> kind = kinds[index];
    return read(kind, json.without(RecordJson.TYPE), before.filter(kind::isInstance));
  }

  private static String choice(String[] names) {
    int last = names.length - 1;
    String before = String.join(", ", Arrays.copyOf(names, last));
    return last == 0 ? names[0] : before + " or " + names[last];
  }

  private static Object construct(Class<?> type, Object[] values, JsonPath path) {
    try {
      return construct(type, values);
    } catch (IllegalArgumentException e) {
      // A record's message begins with the name of the component.
      throw new JsonException(path.settings() + Json.firstLine(e), e);
    }
  }

  private static Object construct(Class<?> type, Object[] values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new LinkageError("constructor of " + type, e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(type + " cannot be made, expected a public record", e);
    }
  }
}
