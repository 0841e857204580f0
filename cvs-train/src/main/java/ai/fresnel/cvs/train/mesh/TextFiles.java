package ai.fresnel.cvs.train.mesh;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads text of unknown origin. */
public final class TextFiles {
  private TextFiles() {}

  /** Decodes UTF-8 if the bytes are valid, or else Latin-1, which accepts any bytes. */
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
   * Describes an error in one line.
   *
   * @param e any error
   * @return its message, or its type without one, cut after 200 characters
   */
  public static String oneLine(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String flat = message.replaceAll("\\p{Cntrl}+", " ").strip();
    return flat.length() > 200 ? flat.substring(0, 200) + "…" : flat;
  }
}
