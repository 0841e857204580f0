package ai.fresnel.cvs.train.eval;

/** Hears how far an evaluation is. */
@FunctionalInterface
public interface EvaluationProgress {

  /**
   * Takes the news; called often, so it should be quick.
   *
   * @param done units of work done so far
   * @param total units there will be
   * @param doing what was worked on last, in a few words
   */
  void update(long done, long total, String doing);
}
