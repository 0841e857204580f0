package ai.fresnel.cvs.examples.serve;

/** A request that is refused, with its status and one sentence. */
final class ApiException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status of HTTP, 400 or above
   * @param message one sentence
   */
  ApiException(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
