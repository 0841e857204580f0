package ai.fresnel.cvs.examples.queue;

/** The server is stopping and takes no more work. */
public final class StoppingException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Makes an exception. */
  public StoppingException() {
    super("the server is stopping");
  }
}
