package ai.fresnel.cvs.train.mesh;

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
   * @return its message, or its type without one, printable, cut after 200 characters
   */
  public static String oneLine(Throwable e) {
    if (e instanceof StackOverflowError) {
      return "is nested too deep";
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
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
}
