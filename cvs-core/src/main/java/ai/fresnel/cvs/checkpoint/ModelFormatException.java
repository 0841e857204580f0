package ai.fresnel.cvs.checkpoint;

import java.io.IOException;

/** A file of a model is not what its format says. The message is one line and names the file. */
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
   * Makes the exception with the failure behind it.
   *
   * @param message one line: which file, what is wrong, what was expected
   * @param cause the failure behind it
   */
  public ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
