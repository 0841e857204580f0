package ai.fresnel.cvs.train.eval;

/** Receives the progress of an evaluation. */
@FunctionalInterface
public interface EvaluationProgress {

  /**
   * Updates the progress. Called often, so it should be quick.
   *
   * @param done units of work that are done
   * @param total units of work in all
   * @param doing the last task in a few words
   */
  void update(long done, long total, String doing);
}
