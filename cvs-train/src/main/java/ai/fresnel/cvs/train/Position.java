package ai.fresnel.cvs.train;

/** Where a run stands. One object a run, shared by all whose behaviour depends on it. */
final class Position {

  private long steps;
  private long images;

  /** Counts one update. */
  void advance(long samples) {
    steps++;
    images += samples;
  }

  /** Goes where an earlier part of the run ended. */
  void restore(TrainingState.Counters counters) {
    steps = counters.steps();
    images = counters.images();
  }

  /** Updates so far. */
  long steps() {
    return steps;
  }

  /** Samples seen so far. */
  long images() {
    return images;
  }
}
