package ai.fresnel.cvs.examples.terminal;

import java.util.Locale;

/** Makes text from outside, such as names of files, harmless to a terminal. */
public final class Terminal {

  private Terminal() {}

  /**
   * Replaces what a terminal would obey or hide, not show: control characters, which move the
   * cursor or change colours and titles, line separators, marks that reverse the direction of text,
   * and halves of surrogate pairs.
   *
   * @param text any text
   * @return the text on one line, with those characters written as <code>&#92;u001b</code>; equal
   *     text if there are none
   */
  public static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (isShown(c)) {
                out.appendCodePoint(c);
              } else {
                for (char half : Character.toChars(c)) {
                  out.append(String.format(Locale.ROOT, "\\u%04x", (int) half));
                }
              }
            });
    return out.toString();
  }

  private static boolean isShown(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      // Joiners belong to scripts and emoji; the others of this class reverse or hide text.
      case Character.FORMAT -> c == 0x200C || c == 0x200D;
      default -> true;
    };
  }
}
