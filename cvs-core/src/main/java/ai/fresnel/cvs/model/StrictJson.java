package ai.fresnel.cvs.model;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Set;

/**
 * JSON without leniency. Gson's own tree reader lets a later value of the same name win and numbers
 * of any kind through; here the grammar is RFC 8259's, names are unique, and types are asked for.
 */
final class StrictJson {
  /** Our files nest three deep; a recipe may nest more, a damaged file must not end the stack. */
  private static final int MAX_DEPTH = 64;

  private static final int MAX_QUOTE = 100;

  private static final Gson GSON =
      new GsonBuilder()
          .setFormattingStyle(FormattingStyle.PRETTY)
          .disableHtmlEscaping()
          .serializeNulls()
          .create();

  private static final Gson COMPACT =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private StrictJson() {}

  static String format(JsonElement json) {
    return GSON.toJson(json) + "\n";
  }

  static String compact(JsonElement json) {
    return COMPACT.toJson(json);
  }

  static JsonElement toTree(Object value) {
    return GSON.toJsonTree(value);
  }

  static JsonObject parseObject(String text, String source) throws ModelFormatException {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    JsonElement json;
    try {
      json = parse(reader, source, 0);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new ModelFormatException(source + ": text follows the JSON object");
      }
    } catch (ModelFormatException e) {
      throw e;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw new ModelFormatException(source + ": not JSON: " + firstLine(e), e);
    }
    return object(json, source);
  }

  /** What a parser says, without its later lines of advice. */
  static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** A text from a file, fit for one line of an error: escaped, in quotes, cut when long. */
  static String quote(String text) {
    boolean isLong = text.length() > MAX_QUOTE;
    String quoted = GSON.toJson(isLong ? text.substring(0, MAX_QUOTE) : text);
    return isLong ? quoted + "…" : quoted;
  }

  private static JsonElement parse(JsonReader reader, String source, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new ModelFormatException(source + ": nested more than " + MAX_DEPTH + " deep");
    }
    switch (reader.peek()) {
      case BEGIN_OBJECT -> {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
          String name = reader.nextName();
          if (object.has(name)) {
            throw new ModelFormatException(source + ": " + quote(name) + " is there twice");
          }
          object.add(name, parse(reader, source, depth + 1));
        }
        reader.endObject();
        return object;
      }
      case BEGIN_ARRAY -> {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
          array.add(parse(reader, source, depth + 1));
        }
        reader.endArray();
        return array;
      }
      case STRING -> {
        return new JsonPrimitive(reader.nextString());
      }
      case NUMBER -> {
        return new JsonPrimitive(ToNumberPolicy.LAZILY_PARSED_NUMBER.readNumber(reader));
      }
      case BOOLEAN -> {
        return new JsonPrimitive(reader.nextBoolean());
      }
      case NULL -> {
        reader.nextNull();
        return JsonNull.INSTANCE;
      }
      default -> throw new ModelFormatException(source + ": not JSON: unexpected end");
    }
  }

  /** Refuses a newer format by name of both versions, before anything else is looked at. */
  static void checkVersion(JsonObject json, int newest, String source) throws ModelFormatException {
    if (!json.has("formatVersion")) {
      throw new ModelFormatException(source + ": formatVersion is missing");
    }
    int version = integer(json.get("formatVersion"), source + ": formatVersion");
    if (version > newest) {
      throw new ModelFormatException(
          source
              + ": written in format version "
              + version
              + ", newer than version "
              + newest
              + ", the newest this library reads");
    }
    if (version < 1) {
      throw new ModelFormatException(
          source + ": formatVersion is " + version + ", expected 1 to " + newest);
    }
  }

  static void checkNames(JsonObject json, Set<String> required, Set<String> allowed, String source)
      throws ModelFormatException {
    for (String name : json.keySet()) {
      if (!allowed.contains(name)) {
        throw new ModelFormatException(source + ": unknown setting " + quote(name));
      }
    }
    for (String name : required) {
      if (!json.has(name)) {
        throw new ModelFormatException(source + ": " + name + " is missing");
      }
    }
  }

  static int integer(JsonElement json, String where) throws ModelFormatException {
    long value = longInteger(json, where);
    if (value != (int) value) {
      throw wrong(json, where, "a 32-bit integer");
    }
    return (int) value;
  }

  static long longInteger(JsonElement json, String where) throws ModelFormatException {
    if (isNumber(json)) {
      // By its digits: 64.0 is not an integer here, and 1e999999999 must not be expanded.
      String digits = json.getAsString();
      if (digits.length() <= 20 && digits.matches("-?[0-9]+")) {
        try {
          return Long.parseLong(digits);
        } catch (NumberFormatException e) {
          throw wrong(json, where, "a 64-bit integer");
        }
      }
    }
    throw wrong(json, where, "an integer");
  }

  static double number(JsonElement json, String where) throws ModelFormatException {
    if (isNumber(json)) {
      double value = Double.parseDouble(json.getAsString());
      if (Double.isFinite(value)) {
        return value;
      }
    }
    throw wrong(json, where, "a number");
  }

  static boolean bool(JsonElement json, String where) throws ModelFormatException {
    if (json instanceof JsonPrimitive primitive && primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    throw wrong(json, where, "true or false");
  }

  static String string(JsonElement json, String where) throws ModelFormatException {
    if (json instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw wrong(json, where, "a string");
  }

  static JsonArray array(JsonElement json, String where) throws ModelFormatException {
    if (json instanceof JsonArray array) {
      return array;
    }
    throw wrong(json, where, "a list");
  }

  static JsonObject object(JsonElement json, String where) throws ModelFormatException {
    if (json instanceof JsonObject object) {
      return object;
    }
    throw wrong(json, where, "an object");
  }

  private static boolean isNumber(JsonElement json) {
    return json instanceof JsonPrimitive primitive && primitive.isNumber();
  }

  private static ModelFormatException wrong(JsonElement json, String where, String expected) {
    String value = COMPACT.toJson(json);
    String shown = value.replaceAll("\\s+", " ");
    if (shown.length() > 60) {
      shown = shown.substring(0, 60) + "…";
    }
    return new ModelFormatException(where + " is " + shown + ", expected " + expected);
  }
}
