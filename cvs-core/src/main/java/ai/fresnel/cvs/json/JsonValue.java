package ai.fresnel.cvs.json;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A value of a JSON text with its path. A method that expects one type throws a {@link
 * JsonException} for another. The message says source, path, value and the expected type.
 */
public final class JsonValue {
  private static final int MAX_SHOWN = 60;

  /** Longer ones are no integer of 64 bits, or need not be written so. */
  private static final int MAX_DIGITS = 40;

  private final JsonElement json;
  private final JsonPath path;

  JsonValue(JsonElement json, JsonPath path) {
    this.json = json;
    this.path = path;
  }

  /**
   * Wraps a value that was parsed elsewhere.
   *
   * @param json the value
   * @param source what to call it in errors
   * @return the value as a root
   */
  public static JsonValue of(JsonElement json, String source) {
    return new JsonValue(json, JsonPath.root(source));
  }

  /**
   * Returns the value itself.
   *
   * @return Gson's element
   */
  public JsonElement json() {
    return json;
  }

  JsonPath path() {
    return path;
  }

  /**
   * Returns the source and the path.
   *
   * @return for example {@code config.json: unet.levels[2].channels}
   */
  public String where() {
    return path.toString();
  }

  /**
   * Returns whether the value is null.
   *
   * @return true if it is JSON's null
   */
  public boolean isNull() {
    return json.isJsonNull();
  }

  /**
   * Returns the names of an object.
   *
   * @return the names, in their order
   */
  public Set<String> names() {
    return Collections.unmodifiableSet(object().keySet());
  }

  /**
   * Returns a value of an object.
   *
   * @param name a name
   * @return its value
   * @throws JsonException if the value is not an object, or has no such name
   */
  public JsonValue get(String name) {
    return find(name).orElseThrow(() -> new JsonException(path.settings() + name + " is missing"));
  }

  /**
   * Returns a value of an object, if it is present.
   *
   * @param name a name
   * @return its value
   */
  public Optional<JsonValue> find(String name) {
    JsonElement child = object().get(name);
    return child == null ? Optional.empty() : Optional.of(new JsonValue(child, path.child(name)));
  }

  /**
   * Returns a copy of an object without one of its names.
   *
   * @param name a name, present or not
   * @return the object without it, with the same path
   */
  public JsonValue without(String name) {
    JsonObject rest = new JsonObject();
    object().asMap().forEach((other, value) -> rest.add(other, value));
    rest.remove(name);
    return new JsonValue(rest, path);
  }

  /**
   * Returns another value at the same place, as one that stands for this.
   *
   * @param other the value
   * @return the value with this one's source and path
   */
  public JsonValue with(JsonElement other) {
    return new JsonValue(other, path);
  }

  /**
   * Makes an exception about a setting of this object from that of a constructor.
   *
   * @param cause says what is wrong; its message begins with the setting's name
   * @return the exception, to be thrown
   */
  public JsonException refused(IllegalArgumentException cause) {
    return new JsonException(path.settings() + Json.firstLine(cause), cause);
  }

  /**
   * Returns the values of a list.
   *
   * @return the values, in their order
   */
  public List<JsonValue> items() {
    if (!(json instanceof JsonArray array)) {
      throw wrong("a list");
    }
    List<JsonValue> items = new ArrayList<>();
    for (JsonElement item : array) {
      items.add(new JsonValue(item, path.child(items.size())));
    }
    return items;
  }

  /**
   * Returns the value as an object.
   *
   * @return Gson's object
   */
  public JsonObject object() {
    if (json instanceof JsonObject object) {
      return object;
    }
    throw wrong("an object");
  }

  /**
   * Returns the value as a 32-bit integer. {@code 1e3} and {@code 64.0} are integers, too.
   *
   * @return the integer
   */
  public int integer() {
    long value = longInteger();
    if (value != (int) value) {
      throw wrong("a 32-bit integer");
    }
    return (int) value;
  }

  /**
   * Returns the value as a 64-bit integer, however it is written.
   *
   * @return the integer
   */
  public long longInteger() {
    if (isNumber() && json.getAsString().length() <= MAX_DIGITS) {
      BigDecimal value;
      try {
        value = new BigDecimal(json.getAsString()).stripTrailingZeros();
      } catch (NumberFormatException e) {
        throw wrong("an integer");
      }
      // 1e999999999 must not be expanded.
      if (value.scale() <= 0 && value.scale() >= -MAX_DIGITS) {
        try {
          return value.longValueExact();
        } catch (ArithmeticException e) {
          throw wrong("a 64-bit integer");
        }
      }
    }
    throw wrong("an integer");
  }

  /**
   * Returns the value as a finite number.
   *
   * @return the number, finite
   */
  public double number() {
    if (isNumber()) {
      double value = Double.parseDouble(json.getAsString());
      if (Double.isFinite(value)) {
        return value;
      }
    }
    throw wrong("a number");
  }

  /**
   * Returns the value as a boolean.
   *
   * @return the boolean
   */
  public boolean bool() {
    if (json instanceof JsonPrimitive primitive && primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    throw wrong("true or false");
  }

  /**
   * Returns the value as a string.
   *
   * @return the string
   */
  public String string() {
    if (json instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw wrong("a string");
  }

  /**
   * Returns the format version of an object and refuses a newer one.
   *
   * @param name the name of the version
   * @param newest the newest version that can be read, 1 or more
   * @return the version, 1 to {@code newest}
   */
  public int version(String name, int newest) {
    int version = get(name).integer();
    if (version > newest) {
      throw new JsonException(
          path.prefix()
              + "written in format version "
              + version
              + ", newer than version "
              + newest
              + ", the newest this library reads");
    }
    if (version < 1) {
      throw get(name).wrong("1 to " + newest);
    }
    return version;
  }

  /**
   * Refuses names of an object that are not known.
   *
   * @param known the names it may have
   */
  public void checkNames(Set<String> known) {
    for (String name : names()) {
      if (!known.contains(name)) {
        // A long list of expected names would hide the wrong one.
        String expected = known.size() > 12 ? "" : ", expected one of " + String.join(", ", known);
        throw new JsonException(path.prefix() + "unknown setting " + Json.quote(name) + expected);
      }
    }
  }

  /**
   * Makes an exception about this value.
   *
   * @param expected the expected value, such as "an integer"
   * @return the exception, which the caller throws
   */
  public JsonException wrong(String expected) {
    String shown = Json.compact(json).replaceAll("\\s+", " ");
    if (shown.length() > MAX_SHOWN) {
      shown = shown.substring(0, MAX_SHOWN) + "…";
    }
    return new JsonException(where() + " is " + Json.escaped(shown) + ", expected " + expected);
  }

  private boolean isNumber() {
    return json instanceof JsonPrimitive primitive && primitive.isNumber();
  }

  /** Returns the value on one line. */
  @Override
  public String toString() {
    return Json.compact(json);
  }
}
