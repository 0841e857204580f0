package ai.fresnel.cvs.train.run;

/**
 * A run lost its way more often than it may go back: the loss was not finite or exploded, again at
 * a lower rate. The last good state is still there.
 */
public final class TrainingDivergedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what is wrong, on one line
   */
  public TrainingDivergedException(String message) {
    super(message);
  }
}
