package ai.fresnel.cvs.train.file;

import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
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
import java.nio.file.Path;

/**
 * Reads JSON that other programs wrote. Python writes {@code NaN}, people add comments: both are
 * read, so that the rest of the file can be used. An unquoted word such as {@code NaN} becomes a
 * string, which is no number to whoever asks for one. Of a repeated name the last value counts.
 */
public final class ForeignJson {

  private static final int MAX_DEPTH = 64;

  private ForeignJson() {}

  /**
   * Reads a whole file.
   *
   * @param file the file
   * @param maxBytes its largest length
   * @return its value; messages about it name the file
   * @throws IOException in one line naming the file, if it is longer, not JSON, or nested more than
   *     64 deep
   */
  public static JsonValue read(Path file, long maxBytes) throws IOException {
    JsonReader reader = new JsonReader(new StringReader(TextFile.read(file, maxBytes)));
    try {
      JsonElement json = next(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new IOException("text follows the JSON value");
      }
      return JsonValue.of(json, file.toString());
    } catch (IOException | RuntimeException e) {
      throw TextFile.problem(file, e);
    }
  }

  /**
   * Reads the next value of a stream and makes the stream lenient.
   *
   * @param reader the stream
   * @return the value; numbers keep their digits
   * @throws IOException if the stream is not JSON or cannot be read
   * @throws JsonException if the value nests more than 64 deep
   */
  public static JsonElement next(JsonReader reader) throws IOException {
    reader.setStrictness(Strictness.LENIENT);
    return next(reader, 0);
  }

  private static JsonElement next(JsonReader reader, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new JsonException("nested more than " + MAX_DEPTH + " deep");
    }
    switch (reader.peek()) {
      case BEGIN_OBJECT -> {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
          object.add(reader.nextName(), next(reader, depth + 1));
        }
        reader.endObject();
        return object;
      }
      case BEGIN_ARRAY -> {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
          array.add(next(reader, depth + 1));
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
      default -> throw new IOException("not JSON: unexpected end");
    }
  }
}
