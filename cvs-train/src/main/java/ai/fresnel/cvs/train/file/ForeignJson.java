package ai.fresnel.cvs.train.file;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import com.google.gson.JsonElement;
import com.google.gson.Strictness;
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
      JsonElement json = next(reader, file);
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
   * @param file the file, for errors
   * @return the value; numbers keep their digits
   * @throws IOException if the stream is not JSON or cannot be read
   * @throws JsonException if the value nests more than 64 deep or ends too soon
   */
  public static JsonElement next(JsonReader reader, Path file) throws IOException {
    reader.setStrictness(Strictness.LENIENT);
    return Json.next(reader, file.toString());
  }
}
