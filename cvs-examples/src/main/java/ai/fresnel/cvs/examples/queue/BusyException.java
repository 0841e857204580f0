package ai.fresnel.cvs.examples.queue;

/** Too much is waiting already: ask again later. */
public final class BusyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what is full, in one line
   */
  public BusyException(String message) {
    super(message);
  }
}
