package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.json.Json;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads JSON files of bounded size, and writes them under a temporary name that is then renamed.
 */
final class JsonFile {

  private JsonFile() {}

  /** Reads the content of a parsed file; an exception means that the content is wrong. */
  interface Parser<T> {
    T parse(JsonElement json);
  }

  static <T> T read(Path file, long maxBytes, String expected, Parser<T> parser)
      throws IOException {
    long size = Files.size(file);
    if (size > maxBytes) {
      throw DamagedFile.error(file, size + " bytes", "at most " + maxBytes);
    }
    return parse(file, Files.readAllBytes(file), expected, parser);
  }

  /** Parses a file's bytes; {@code file} names it in messages. */
  static <T> T parse(Path file, byte[] bytes, String expected, Parser<T> parser)
      throws IOException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      return parser.parse(JsonParser.parseString(text));
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | UnsupportedOperationException
        | ClassCastException
        | NullPointerException
        | IndexOutOfBoundsException e) {
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
