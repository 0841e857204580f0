package ai.fresnel.cvs.train.mesh;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Reads text of unknown origin. */
public final class TextFiles {
  private static final int MAX_LINE = 200;

  /** C0, C1, separators of lines and paragraphs, and the marks of Unicode's bidirectional text. */
  private static final Pattern UNPRINTABLE =
      Pattern.compile(
          "[\\x00-\\x1F\\x7F-\\x9F\\u2028\\u2029\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]+");

  private TextFiles() {}

  /**
   * Decodes a text: UTF-16 after its byte order mark, UTF-8 if the bytes are valid, or else
   * Latin-1, which accepts any bytes.
   *
   * @param bytes a whole file
   * @return its text without a byte order mark
   */
  public static String decode(byte[] bytes) {
    if (bytes.length == 0) {
      return ""; // The decoder takes an empty buffer for a misuse.
    }
    if (begins(bytes, 0xFE, 0xFF) || begins(bytes, 0xFF, 0xFE)) {
      return new String(bytes, StandardCharsets.UTF_16);
    }
    int start = begins(bytes, 0xEF, 0xBB, 0xBF) ? 3 : 0;
    ByteBuffer rest = ByteBuffer.wrap(bytes, start, bytes.length - start);
    try {
      return rest.hasRemaining() ? StandardCharsets.UTF_8.newDecoder().decode(rest).toString() : "";
    } catch (CharacterCodingException e) {
      return new String(bytes, start, bytes.length - start, StandardCharsets.ISO_8859_1);
    }
  }

  private static boolean begins(byte[] bytes, int... mark) {
    for (int i = 0; i < mark.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xFF) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Describes an error in one line.
   *
   * @param e any error
   * @return its message, or what its type means without one, printable, cut after 200 characters
   */
  public static String oneLine(Throwable e) {
    if (e instanceof StackOverflowError) {
      return "is nested too deep";
    }
    String message = e.getMessage();
    if (message == null) {
      message =
          e instanceof EOFException
              ? "ends too soon"
              : "is damaged (" + e.getClass().getSimpleName() + ")";
    }
    if (e instanceof OutOfMemoryError) {
      message = "needs more memory than Java has (" + message + "); --heap gives more";
    }
    String flat = printable(message).strip();
    return flat.length() > MAX_LINE ? flat.substring(0, MAX_LINE) + "…" : flat;
  }

  /**
   * Makes a text from outside safe for a terminal.
   *
   * @param text any text, such as a file's name
   * @return the text with a space in place of each run of control characters, line separators and
   *     marks that reverse the direction of text
   */
  public static String printable(String text) {
    return UNPRINTABLE.matcher(text).replaceAll(" ");
  }

  /** The words of a line, separated by spaces and tabs. A word that begins with # ends the line. */
  static final class Words {
    private final String line;
    private int at;
    private String word;

    Words(String line) {
      this.line = line;
    }

    /** Moves to the next word; returns null at the end of the line. */
    String next() {
      while (at < line.length() && isSpace(line.charAt(at))) {
        at++;
      }
      int start = at;
      while (at < line.length() && !isSpace(line.charAt(at))) {
        at++;
      }
      boolean none = start == at || line.charAt(start) == '#';
      at = none ? line.length() : at;
      word = none ? null : line.substring(start, at);
      return word;
    }

    /** Returns the word that {@link #next} returned last. */
    String word() {
      return word;
    }

    /** Returns the rest of the line, with spaces, quotes and comments, but not around it. */
    String rest() {
      return line.substring(at).strip();
    }

    /**
     * Reads the next words as numbers, as many as there are.
     *
     * @param numbers receives the numbers; NaN for a word that is none
     * @return how many words there are, at most as many as fit
     */
    int numbers(double[] numbers) {
      int count = 0;
      while (count < numbers.length && next() != null) {
        numbers[count++] = number(word);
      }
      return count;
    }

    /** Parses a number; NaN if the word is none. */
    static double number(String word) {
      try {
        return Double.parseDouble(word);
      } catch (NumberFormatException e) {
        return Double.NaN;
      }
    }

    private static boolean isSpace(char c) {
      return c <= ' ';
    }
  }
}
