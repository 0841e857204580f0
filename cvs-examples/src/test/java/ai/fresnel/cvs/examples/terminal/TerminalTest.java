package ai.fresnel.cvs.examples.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TerminalTest {

  @Test
  void whatATerminalWouldObeyIsWrittenOut() {
    assertEquals("a\\u001b[31mb\\u0007", Terminal.printable("a\u001b[31mb\u0007"));
    assertEquals("\\u009b2J\\u0085\\u007f", Terminal.printable("\u009b2J\u0085\u007f"));
    assertEquals("one\\u000atwo\\u000d\\u0009", Terminal.printable("one\ntwo\r\t"));
    assertEquals("gpj\\u202e.exe\\u2066", Terminal.printable("gpj\u202e.exe\u2066"));
    assertEquals("\\u2028\\ufeff\\ud800", Terminal.printable("\u2028\ufeff\ud800"));
    assertEquals("\\udb40\\udc41", Terminal.printable(Character.toString(0xE0041)));
  }

  @Test
  void otherTextIsKept() {
    for (String text : new String[] {"", "chair 3.png", "Stühle/椅子/кресло", "👩‍🎨", "20°, ×2"}) {
      assertEquals(text, Terminal.printable(text));
    }
  }
}
