package ai.fresnel.cvs.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class JsonTest {

  @Test
  void textsFromFilesStayInOneLineOfAnError() {
    assertEquals("\"a\\u001b[2J\\n\\u007f\\u009b\\u2028\\u202eä\"", quoted());
    assertEquals(102 + 1, Json.quote("x".repeat(5000)).length());
    assertEquals("a?b?c", Json.printable("a\nb\u009bc"));
    assertEquals(401, Json.printable("x".repeat(5000)).length());
  }

  private static String quoted() {
    return Json.quote("a\u001b[2J\n\u007f\u009b\u2028\u202e\u00e4");
  }

  @Test
  void wrongValuesAreShownWithoutControlCharacters() {
    JsonValue value = Json.parse("{\"kind\": \"CONSISTE\u007fCY\"}", "a.json").get("kind");
    assertEquals(
        "a.json: kind is \"CONSISTE\\u007fCY\", expected another",
        value.wrong("another").getMessage());
  }

  @Test
  void messagesOfTheParserAreShortAndWithoutAdvice() {
    for (String text :
        new String[] {"{'a': 1}", "{\"" + "x".repeat(5000) + "\": ", "{\"\u009b\":\n]"}) {
      String message =
          assertThrows(JsonException.class, () -> Json.parse(text, "a.json")).getMessage();
      assertTrue(message.startsWith("a.json: not JSON: "), message);
      assertTrue(message.length() < 500 && !message.contains("Use JsonReader"), message);
      assertTrue(message.chars().noneMatch(Character::isISOControl), message);
    }
  }
}
