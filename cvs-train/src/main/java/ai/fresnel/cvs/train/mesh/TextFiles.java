package ai.fresnel.cvs.train.mesh;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text of unknown origin. */
public final class TextFiles {
  private TextFiles() {}

  /** UTF-8 where the bytes are that, else Latin-1, which takes anything. */
  static String decode(byte[] bytes) {
    if (bytes.length == 0) {
      return ""; // The decoder takes an empty buffer for a misuse.
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  /**
   * Says in one line what went wrong.
   *
   * @param e any error
   * @return its message, or its kind if it has none, cut after 200 characters
   */
  public static String oneLine(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String flat = message.replaceAll("\\p{Cntrl}+", " ").strip();
    return flat.length() > 200 ? flat.substring(0, 200) + "…" : flat;
  }
}
