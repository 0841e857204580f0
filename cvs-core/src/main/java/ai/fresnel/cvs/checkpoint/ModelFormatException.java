package ai.fresnel.cvs.checkpoint;

import java.io.IOException;

/**
 * Thrown when a file of a model does not follow its format. The message is one line and names the
 * file.
 */
public final class ModelFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message one line: which file, what is wrong, what was expected
   */
  public ModelFormatException(String message) {
    super(message);
  }

  /**
   * Makes the exception with its cause.
   *
   * @param message one line: which file, what is wrong, what was expected
   * @param cause the cause
   */
  public ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
