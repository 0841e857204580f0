package ai.fresnel.cvs.json;

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
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.util.regex.Pattern;

/**
 * Parses and formats JSON text strictly. The grammar is RFC 8259's and names are unique. Gson's own
 * tree reader accepts repeated names, comments and unquoted names.
 */
public final class Json {
  /**
   * Limit of nesting, so that a damaged file cannot overflow the stack. Our files nest a few deep.
   */
  private static final int MAX_DEPTH = 64;

  private static final int MAX_QUOTE = 100;
  private static final int MAX_LINE = 400;

  /** C0, C1, separators of lines and paragraphs, and the marks of Unicode's bidirectional text. */
  private static final Pattern UNPRINTABLE =
      Pattern.compile(
          "[\\x00-\\x1F\\x7F-\\x9F\\u2028\\u2029\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]");

  private static final Gson PRETTY =
      new GsonBuilder()
          .setFormattingStyle(FormattingStyle.PRETTY)
          .disableHtmlEscaping()
          .serializeNulls()
          .create();

  private static final Gson COMPACT =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private Json() {}

  /**
   * Parses a text.
   *
   * @param text one JSON value; numbers keep their digits
   * @param source what to call the text in errors, usually its path
   * @return the value
   * @throws JsonException if the text is not JSON, repeats a name, nests more than 64 deep, or has
   *     text after the value
   */
  public static JsonValue parse(String text, String source) {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    try {
      JsonElement json = next(reader, source);
      if (!isAtEnd(reader)) {
        throw new JsonException(source + ": text follows the JSON value");
      }
      return new JsonValue(json, JsonPath.root(source));
    } catch (JsonException e) {
      throw e;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw new JsonException(source + ": not JSON: " + firstLine(e), e);
    }
  }

  /**
   * Reads the next value of a stream, by the stream's own strictness. Of a name that is repeated
   * the last value counts, unless the stream is strict.
   *
   * @param reader the stream
   * @param source what to call the stream in errors, usually its file's path
   * @return the value; numbers keep their digits
   * @throws IOException if the stream is not JSON or cannot be read
   * @throws JsonException if the value nests more than 64 deep or ends too soon, or if a strict
   *     stream repeats a name
   */
  public static JsonElement next(JsonReader reader, String source) throws IOException {
    return parse(reader, JsonPath.root(source), 0);
  }

  private static boolean isAtEnd(JsonReader reader) throws IOException {
    try {
      return reader.peek() == JsonToken.END_DOCUMENT;
    } catch (MalformedJsonException e) {
      return false;
    }
  }

  /**
   * Formats a value for a file.
   *
   * @param json the value
   * @return its text, indented, ending with a newline
   */
  public static String format(JsonElement json) {
    return PRETTY.toJson(json) + "\n";
  }

  /**
   * Formats a value on one line.
   *
   * @param json the value
   * @return its text without spaces between its parts
   */
  public static String compact(JsonElement json) {
    return COMPACT.toJson(json);
  }

  /**
   * Quotes a text from a file for one line of an error.
   *
   * @param text any text
   * @return the text escaped and in quotes, cut after 100 characters
   */
  public static String quote(String text) {
    boolean isLong = text.length() > MAX_QUOTE;
    String quoted = COMPACT.toJson(isLong ? text.substring(0, MAX_QUOTE) : text);
    return isLong ? escaped(quoted) + "…" : escaped(quoted);
  }

  /** Escapes the characters that a terminal would obey, and JSON need not escape. */
  static String escaped(String json) {
    return UNPRINTABLE
        .matcher(json)
        .replaceAll(found -> String.format("\\\\u%04x", (int) found.group().charAt(0)));
  }

  /**
   * Makes a text from a file fit for one line of an error.
   *
   * @param text any text
   * @return the text with question marks for line breaks, control characters and marks that turn
   *     the direction of writing, cut after 400 characters
   */
  public static String printable(String text) {
    boolean isLong = text.length() > MAX_LINE;
    String part = isLong ? text.substring(0, MAX_LINE) + "…" : text;
    return UNPRINTABLE.matcher(part).replaceAll("?");
  }

  /**
   * Returns the parser's message without its advice, which is for programmers.
   *
   * @param e the parser's exception
   * @return the first line of its message, {@linkplain #printable printable}, or an empty string
   */
  public static String firstLine(Exception e) {
    String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return printable(line.replaceFirst("^Use JsonReader\\S* to accept ", ""));
  }

  private static JsonElement parse(JsonReader reader, JsonPath path, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new JsonException(path.source() + ": nested more than " + MAX_DEPTH + " deep");
    }
    switch (reader.peek()) {
      case BEGIN_OBJECT -> {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
          String name = reader.nextName();
          if (object.has(name) && reader.getStrictness() == Strictness.STRICT) {
            throw new JsonException(path.prefix() + quote(name) + " is there twice");
          }
          object.add(name, parse(reader, path.child(name), depth + 1));
        }
        reader.endObject();
        return object;
      }
      case BEGIN_ARRAY -> {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
          array.add(parse(reader, path.child(array.size()), depth + 1));
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
      default -> throw new JsonException(path.source() + ": not JSON: unexpected end");
    }
  }
}
