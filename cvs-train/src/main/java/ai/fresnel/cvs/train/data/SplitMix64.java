package ai.fresnel.cvs.train.data;

/**
 * Steele, Lea and Flood's SplitMix64 as a counter-based generator: draw number n of a seed is
 * computed directly, whatever was drawn before and on whatever thread.
 */
final class SplitMix64 {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private SplitMix64() {}

  /** Returns draw {@code counter} of {@code seed}, 64 random bits. */
  static long draw(long seed, long counter) {
    long z = seed + (counter + 1) * GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Returns draw {@code counter} of {@code seed} in [0, bound); the bias is below bound / 2⁶³. */
  static int draw(long seed, long counter, int bound) {
    return (int) ((draw(seed, counter) >>> 1) % bound);
  }
}
