package ai.fresnel.cvs.json;

/** A text is not the JSON that was expected. The message is one line and names the source. */
public final class JsonException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message one line: which source, which path, what is wrong, what was expected
   */
  public JsonException(String message) {
    super(message);
  }

  /**
   * Makes the exception with the failure behind it.
   *
   * @param message one line: which source, which path, what is wrong, what was expected
   * @param cause the failure behind it
   */
  public JsonException(String message, Throwable cause) {
    super(message, cause);
  }
}
