package ai.fresnel.cvs.train;

/** The streams of a sample's seed: one for each kind of random number that a step draws. */
final class NoiseStreams {

  static final int NOISE = 0;
  static final int SIGMA = 1;
  static final int KEEP = 2;
  static final int GUIDANCE = 3;
  static final int GAME_SIGMA = 4;
  static final int GAME_NOISE = 5;

  private NoiseStreams() {}
}
