package ai.fresnel.cvs.train.image;

import java.io.IOException;

/** An image file is refused. The message is one line: the file's name and the problem. */
public final class UnreadableImageException extends IOException {

  private static final long serialVersionUID = 1;

  /** The problem without the file's name. */
  private final String problem;

  UnreadableImageException(String name, String problem, Throwable cause) {
    super(name + ": " + problem, cause);
    this.problem = problem;
  }

  UnreadableImageException(String name, String problem) {
    this(name, problem, null);
  }

  /**
   * Returns what is wrong, for callers that name the file themselves.
   *
   * @return one line without the file's name
   */
  public String problem() {
    return problem;
  }
}
