package ai.fresnel.cvs.train.stage;

/** The streams of a sample's seed: one for each kind of random number that a step draws. */
public final class NoiseStreams {

  /** The noise that is added to a clean state. */
  public static final int NOISE = 0;

  /** Its sigma, or a pair of them. */
  public static final int SIGMA = 1;

  /** Whether the condition is kept. */
  public static final int KEEP = 2;

  /** The weight of guidance. */
  public static final int GUIDANCE = 3;

  /** The sigma of what a discriminator sees. */
  public static final int GAME_SIGMA = 4;

  /** The noise of what a discriminator sees. */
  public static final int GAME_NOISE = 5;

  /** Whether the sample is drawn in one pass without noise. */
  public static final int ONE_PASS = 6;

  private NoiseStreams() {}
}
