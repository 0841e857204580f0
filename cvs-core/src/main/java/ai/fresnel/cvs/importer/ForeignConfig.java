package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A {@code config.json} of diffusers or transformers. Settings that a network of ours cannot have
 * otherwise are {@linkplain #require required}; errors name the file and the setting.
 */
final class ForeignConfig {

  /** The usual name of the file. */
  static final String NAME = "config.json";

  private static final int MAX_BYTES = 1 << 20;

  private final JsonValue json;

  private ForeignConfig(JsonValue json) {
    this.json = json;
  }

  /** Reads the file of the usual name in a folder. */
  static ForeignConfig of(Path folder) throws IOException {
    return read(folder.resolve(NAME));
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its settings
   * @throws ModelFormatException if it is no JSON object
   */
  static ForeignConfig read(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw new ModelFormatException(file + ": longer than " + MAX_BYTES + " bytes");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return parse(text, file.toString());
    } catch (CharacterCodingException e) {
      throw new ModelFormatException(file + ": not UTF-8", e);
    }
  }

  /** Reads a text that is called {@code source} in errors. */
  static ForeignConfig parse(String text, String source) throws ModelFormatException {
    try {
      JsonValue json = Json.parse(text, source);
      json.object();
      return new ForeignConfig(json);
    } catch (JsonException e) {
      throw new ModelFormatException(e.getMessage(), e);
    }
  }

  /** Returns an integer. */
  int integer(String name) throws ModelFormatException {
    return value(() -> json.get(name).integer());
  }

  /** Returns an integer, or another if the setting is missing or null. */
  int integer(String name, int otherwise) throws ModelFormatException {
    return isGiven(name) ? integer(name) : otherwise;
  }

  /** Returns a number. */
  double number(String name) throws ModelFormatException {
    return value(() -> json.get(name).number());
  }

  /** Returns a number, or another if the setting is missing or null. */
  double number(String name, double otherwise) throws ModelFormatException {
    return isGiven(name) ? number(name) : otherwise;
  }

  /** Returns a truth value, or another if the setting is missing or null. */
  boolean bool(String name, boolean otherwise) throws ModelFormatException {
    return isGiven(name) ? value(() -> json.get(name).bool()) : otherwise;
  }

  /** Returns a text. */
  String string(String name) throws ModelFormatException {
    return value(() -> json.get(name).string());
  }

  /** Returns a text, or another if the setting is missing or null. */
  String string(String name, String otherwise) throws ModelFormatException {
    return isGiven(name) ? string(name) : otherwise;
  }

  /** Returns a list of integers. */
  List<Integer> integers(String name) throws ModelFormatException {
    return value(
        () -> {
          List<Integer> values = new ArrayList<>();
          json.get(name).items().forEach(item -> values.add(item.integer()));
          return List.copyOf(values);
        });
  }

  /** Returns a list of texts. */
  List<String> strings(String name) throws ModelFormatException {
    return value(() -> json.get(name).items().stream().map(JsonValue::string).toList());
  }

  /** Returns whether a setting is there and not null. */
  boolean isGiven(String name) {
    return json.find(name).filter(value -> !value.isNull()).isPresent();
  }

  /**
   * Refuses a setting of another value. One that is missing has the value that older versions of
   * the library assumed.
   *
   * @param name the setting
   * @param expected its value as JSON: {@code null} for none
   */
  ForeignConfig require(String name, String expected) throws ModelFormatException {
    Optional<JsonValue> found = json.find(name);
    JsonElement wanted = JsonParser.parseString(expected);
    if (found.isPresent() && !equal(found.get().json(), wanted)) {
      throw new ModelFormatException(
          found.get().wrong(expected + ": other networks are not supported").getMessage());
    }
    return this;
  }

  private static boolean equal(JsonElement found, JsonElement wanted) {
    if (found.isJsonPrimitive()
        && wanted.isJsonPrimitive()
        && found.getAsJsonPrimitive().isNumber()
        && wanted.getAsJsonPrimitive().isNumber()) {
      // The same number is written in two ways, 1 and 1.0.
      return found.getAsDouble() == wanted.getAsDouble();
    }
    return found.equals(wanted);
  }

  /** Makes an error of a setting. */
  ModelFormatException wrong(String name, String expected) throws ModelFormatException {
    return new ModelFormatException(value(() -> json.get(name).wrong(expected).getMessage()));
  }

  private interface Reading<T> {
    T read();
  }

  private static <T> T value(Reading<T> reading) throws ModelFormatException {
    try {
      return reading.read();
    } catch (JsonException e) {
      throw new ModelFormatException(e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return json.where();
  }
}
