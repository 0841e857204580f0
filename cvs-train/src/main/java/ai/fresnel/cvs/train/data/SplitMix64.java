package ai.fresnel.cvs.train.data;

/**
 * SplitMix64 (Steele, Lea and Flood 2014) as a counter-based generator: draw number n of a seed is
 * computed directly, independent of other draws and threads.
 */
public final class SplitMix64 {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private SplitMix64() {}

  /**
   * Draws 64 bits.
   *
   * @param seed any
   * @param counter the number of the draw
   * @return 64 random bits
   */
  public static long draw(long seed, long counter) {
    long z = seed + (counter + 1) * GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /**
   * Draws a number below a bound; the bias is below bound / 2⁶³.
   *
   * @param seed any
   * @param counter the number of the draw
   * @param bound at least 1
   * @return a number in [0, bound)
   */
  public static int draw(long seed, long counter, int bound) {
    return (int) ((draw(seed, counter) >>> 1) % bound);
  }
}
