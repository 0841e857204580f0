package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.train.file.TextFile;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads JSON files strictly and of bounded size, and writes them under a temporary name that is
 * then renamed.
 */
final class JsonFile {

  private JsonFile() {}

  /** Reads the content of a parsed file; an unchecked exception means that the content is wrong. */
  interface Parser<T> {
    T parse(JsonValue json);
  }

  static <T> T read(Path file, long maxBytes, String expected, Parser<T> parser)
      throws IOException {
    return parse(file, TextFile.read(file, maxBytes), expected, parser);
  }

  /** Parses a file's bytes; {@code file} names it in messages. */
  static <T> T parse(Path file, byte[] bytes, String expected, Parser<T> parser)
      throws IOException {
    String text;
    try {
      text = TextFile.decode(bytes);
    } catch (CharacterCodingException e) {
      throw TextFile.problem(file, e);
    }
    return parse(file, text, expected, parser);
  }

  private static <T> T parse(Path file, String text, String expected, Parser<T> parser)
      throws IOException {
    try {
      return parser.parse(Json.parse(text, file.toString()));
    } catch (JsonException e) {
      // Names the file, and mostly what was expected of the value.
      String message = e.getMessage();
      String found = message.substring(file.toString().length()).replaceFirst("^: | ", "");
      String all = message.contains(", expected ") ? "" : ", expected " + expected;
      throw new IOException(file + ": " + found + all, e);
    } catch (IllegalArgumentException e) {
      throw DamagedFile.error(file, e, expected);
    }
  }

  static byte[] bytes(JsonElement json) {
    return Json.format(json).getBytes(StandardCharsets.UTF_8);
  }

  static void write(Path file, JsonElement json) throws IOException {
    AtomicFiles.write(file, bytes(json));
  }
}
