package ai.fresnel.cvs.train.run;

/** Where a run stands. One object a run, shared by all whose behaviour depends on it. */
final class Position {

  private long steps;
  private long samples;
  private int returns;
  private long skipped;

  /** Counts one update. */
  void advance(long samples) {
    steps++;
    this.samples += samples;
  }

  /** Takes back that the last batch was an update: its samples are seen and taught nothing. */
  void leaveOut() {
    steps--;
    skipped++;
  }

  /** Goes where an earlier part of the run ended. */
  void restore(TrainingState.Counters counters) {
    steps = counters.steps();
    samples = counters.samples();
    returns = counters.returns();
    skipped = counters.skipped();
  }

  /**
   * Goes back to a state after the run diverged. The batches since that state are not trained on
   * again: one of them may be what broke it.
   */
  void returnTo(TrainingState.Counters good) {
    skipped += steps - good.steps();
    returns++;
    steps = good.steps();
    samples = good.samples();
  }

  /** All that a state says of where a run stands. */
  TrainingState.Counters counters(double seconds) {
    return new TrainingState.Counters(steps, samples, seconds, returns, skipped);
  }

  /** Updates so far. */
  long steps() {
    return steps;
  }

  /** Samples seen so far. */
  long samples() {
    return samples;
  }

  /** How often the run has gone back to an earlier state. */
  int returns() {
    return returns;
  }

  /** The number of the next batch. */
  long batch() {
    return steps + skipped;
  }

  /** The factor of the learning rate: half for each return. */
  double rateShare() {
    return Math.pow(0.5, returns);
  }
}
