package ai.fresnel.cvs.train.splat;

import java.util.SplittableRandom;

/**
 * Random numbers that depend on a run's seed, a step and what they are for alone: a run that
 * resumes draws those that it would have drawn.
 */
enum SplatRandom {
  /** Where the first Gaussians are. */
  POINTS(0),
  /** The order of the views. */
  ORDER(1),
  /** Backgrounds. */
  BACKGROUND(2),
  /** Which Gaussians are copied, and where copies go. */
  DENSITY(3),
  /** Noise of the means. */
  NOISE(4);

  private final int stream;

  SplatRandom(int stream) {
    this.stream = stream;
  }

  SplittableRandom at(long seed, long step) {
    // Each generator mixes its seed well: neighbours have nothing in common.
    long mixed = new SplittableRandom(seed).nextLong() + step;
    return new SplittableRandom(new SplittableRandom(mixed).nextLong() + stream);
  }
}
