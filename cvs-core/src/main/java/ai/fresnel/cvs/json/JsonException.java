package ai.fresnel.cvs.json;

/** Thrown when a text is not the expected JSON. The message is one line and names the source. */
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
   * Makes the exception with its cause.
   *
   * @param message one line: which source, which path, what is wrong, what was expected
   * @param cause the cause
   */
  public JsonException(String message, Throwable cause) {
    super(message, cause);
  }
}
