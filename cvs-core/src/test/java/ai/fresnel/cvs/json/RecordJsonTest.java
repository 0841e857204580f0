package ai.fresnel.cvs.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordJsonTest {

  /** A colour. */
  public enum Colour {
    RED,
    DARK_GREEN
  }

  /** One of two shapes. */
  public sealed interface Shape {}

  /** Checks itself. */
  public record Disc(double radius) implements Shape {
    public Disc {
      if (!(radius > 0)) {
        throw new IllegalArgumentException("radius is " + radius + ", expected above 0");
      }
    }
  }

  /** Another shape. */
  public record Box(int width, int height) implements Shape {}

  /** Written as its list. */
  public record Phases(List<Integer> phases) {
    public Phases {
      if (phases.isEmpty()) {
        throw new IllegalArgumentException("phases is [], expected one or more");
      }
    }
  }

  /** Its settings stand among those of the record around it. */
  public record Stage(Colour colour, Duration pause) {}

  /** In a list. */
  public record Level(int channels, boolean attention) {
    public Level {
      if (channels < 1) {
        throw new IllegalArgumentException("channels is " + channels + ", expected 1 or more");
      }
    }
  }

  /** One of everything. */
  public record All(
      long seed,
      String name,
      Stage stage,
      Phases phases,
      List<Level> levels,
      SortedMap<Integer, List<Double>> sigmas,
      Optional<Box> box,
      Shape shape) {}

  /** A time, and text that is JSON. */
  public record Made(Instant when, String recipe) {}

  private static final RecordJson JSON =
      RecordJson.builder()
          .lowerCase()
          .flat(Stage.class)
          .inline(Phases.class)
          .raw(Made.class, "recipe")
          .alias(Level.class, "width", "channels")
          .alias(Stage.class, "color", "colour")
          .missing(Box.class, "height", 7)
          .build();

  private static All all() {
    return new All(
        9_007_199_254_740_993L,
        "a \"b\" \n",
        new Stage(Colour.DARK_GREEN, Duration.ofMillis(1500)),
        new Phases(List.of(4, 2)),
        List.of(new Level(8, false), new Level(16, true)),
        new TreeMap<>(Map.of(1, List.of(80.0), 2, List.of(80.0, 0.1))),
        Optional.of(new Box(2, 3)),
        new Disc(0.5));
  }

  private static final String TEXT =
      """
      {
        "seed": 9007199254740993,
        "name": "a \\"b\\" \\n",
        "colour": "dark_green",
        "pause": "pt1.5s",
        "phases": [
          4,
          2
        ],
        "levels": [
          {
            "channels": 8,
            "attention": false
          },
          {
            "channels": 16,
            "attention": true
          }
        ],
        "sigmas": {
          "1": [
            80.0
          ],
          "2": [
            80.0,
            0.1
          ]
        },
        "box": {
          "width": 2,
          "height": 3
        },
        "shape": {
          "type": "disc",
          "radius": 0.5
        }
      }
      """;

  private static All read(String text) {
    return JSON.read(All.class, Json.parse(text, "f.json"));
  }

  private static void refused(String text, String message) {
    String found = assertThrows(JsonException.class, () -> read(text), text).getMessage();
    assertEquals(1, found.lines().count(), found);
    assertTrue(found.startsWith(message), found);
  }

  @Test
  void everyTypeSurvives() {
    assertEquals(TEXT, Json.format(JSON.write(all())));
    assertEquals(all(), read(TEXT));
    assertEquals(
        Optional.empty(), read(TEXT.replaceAll("(?s)\"box\": \\{.*?}", "\"box\": null")).box());
    String box = TEXT.replace("\"type\": \"disc\"", "\"type\": \"box\", \"width\": 1");
    assertEquals(new Box(1, 7), read(box.replaceAll(",\\s*\"radius\": 0.5", "")).shape());
    Made made = new Made(Instant.parse("2026-01-31T12:00:00.250Z"), "{\"a\":[1e-4,null]}");
    assertEquals(made, JSON.read(Made.class, JsonValue.of(JSON.write(made), "m")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"seed\"|\"sed\"|f.json: unknown setting \"sed\", expected one of seed, name, colour",
        "\"height\"|\"hight\"|f.json: box: unknown setting \"hight\", expected one of width, height",
        "\"channels\": 16|\"channels\": 16, \"channels\": 1|f.json: levels[1]: \"channels\" is there",
        "\"channels\": 16,|``|f.json: levels[1].channels is missing",
        "\"channels\": 16|\"channels\": \"16\"|f.json: levels[1].channels is \"16\", expected an int",
        "\"channels\": 16|\"channels\": 16.5|f.json: levels[1].channels is 16.5, expected an integer",
        "\"channels\": 16|\"channels\": 0|f.json: levels[1].channels is 0, expected 1 or more",
        "\"channels\": 16|\"width\": 16, \"channels\": 16|f.json: levels[1].channels is there twice",
        "\"attention\": true|\"attention\": 1|f.json: levels[1].attention is 1, expected true or fa",
        "\"seed\": 9|\"seed\": 99999|f.json: seed is 99999007199254740993, expected a 64-bit integer",
        "\"name\": \"|\"name\": 1, \"x\": \"|f.json: unknown setting \"x\"",
        "\"dark_green\"|\"green\"|f.json: colour is \"green\", expected red or dark_green",
        "\"dark_green\"|[1]|f.json: colour is [1], expected red or dark_green",
        "\"pt1.5s\"|\"soon\"|f.json: pause is \"soon\", expected a time such as \"pt5m\"",
        "\"2\": [|\"x\": [|f.json: sigmas has \"x\", expected an integer as name",
        "0.1|1e400|f.json: sigmas[2][1] is 1e400, expected a number",
        "0.1|NaN|f.json: not JSON",
        "\"disc\"|\"cone\"|f.json: shape.type is \"cone\", expected box or disc",
        "\"type\": \"disc\",|``|f.json: shape.type is missing",
        "\"radius\": 0.5|\"radius\": 0|f.json: shape.radius is 0.0, expected above 0",
        "\"radius\": 0.5|\"radius\": null|f.json: shape.radius is null, expected a number",
        "\"phases\": [|\"phases\": [], \"color\": [|f.json: colour is there twice, expected it with",
      })
  void errorsNameTheWrongSetting(String find, String replacement, String message) {
    assertTrue(TEXT.contains(find), find);
    refused(TEXT.replace(find, replacement), message);
  }

  @Test
  void errorsOfAnInlineRecordNameItsComponent() {
    refused(
        TEXT.replaceAll("(?s)\"phases\": \\[.*?]", "\"phases\": []"),
        "f.json: phases is [], expected one or more");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"seed\": 1",
        "{\"seed\": 01}",
        "{seed: 1}",
        "{'seed': 1}",
        "{\"seed\": 1,}",
        "{\"seed\" = 1}",
        "{\"seed\": 1;}",
        "// why\n{}",
        "{/* why */}",
        "{# why\n}",
        "{\"seed\": Infinity}",
        "{\"seed\": TRUE}",
        "{\"name\": \"a\tb\"}",
        "{\"name\": \"\\'\"}",
        "\0",
        "{\"a\": [1 2]}",
        "{\"seed\": +1}",
        "{\"seed\": .5}",
        "{\"seed\": 1.}",
        ")]}'\n{}"
      })
  void textThatIsNotJsonIsRefused(String text) {
    refused(text, "f.json: not JSON: ");
  }

  @Test
  void textAfterTheValueIsRefused() {
    refused("{} {}", "f.json: text follows the JSON value");
    refused("[]", "f.json is [], expected an object");
    refused("{} x", "f.json: text follows the JSON value");
    refused("{seed: 1}", "f.json: not JSON: malformed JSON at line 1");
  }

  @Test
  void deepNestingDoesNotOverflowTheStack() {
    int deep = 100_000;
    refused("[".repeat(deep), "f.json: nested more than 64 deep");
    refused("{\"a\":".repeat(deep), "f.json: nested more than 64 deep");
    refused("[".repeat(deep) + "]".repeat(deep), "f.json: nested more than 64 deep");
  }

  @Test
  void missingPartsComeFromDefaults() {
    assertEquals(all(), JSON.readOver(all(), Json.parse("{}", "f")));
    String part = "{\"color\": \"Red\", \"box\": {\"width\": 5}, \"shape\": {\"radius\": 2}}";
    All over = JSON.readOver(all(), Json.parse(part, "f"));
    assertEquals(new Stage(Colour.RED, Duration.ofMillis(1500)), over.stage());
    assertEquals(Optional.of(new Box(5, 3)), over.box());
    assertEquals(new Disc(2), over.shape());
    assertEquals(all().levels(), over.levels());
    assertEquals(Set.of("colour", "box", "shape"), JSON.given(All.class, Json.parse(part, "f")));
  }

  @Test
  void olderNamesAreRead() {
    assertEquals(all(), read(TEXT.replace("\"channels\"", "\"width\"")));
    assertEquals(all(), read(TEXT.replace("\"colour\"", "\"color\"")));
  }

  @Test
  void longAndStrangeTextStaysOneLine() {
    String strange = "line\\n".repeat(50);
    refused("{\"" + strange + "\": 1, \"" + strange + "\": 1}", "f.json: \"line\\nline");
    refused("{\"" + strange + "\": [{\"a\": 1, \"a\": 2}]}", "f.json: [\"line\\nline");
    refused(
        TEXT.replace("\"seed\": 9007199254740993", "\"seed\": \"" + strange + "\""),
        "f.json: seed is \"line\\nline");
  }
}
