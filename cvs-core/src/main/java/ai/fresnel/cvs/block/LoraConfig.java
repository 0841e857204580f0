package ai.fresnel.cvs.block;

/**
 * The size of a low-rank adapter.
 *
 * @param rank r, the width between the two products of a delta, 1 to 1024
 * @param alpha the delta is scaled by {@code alpha / rank}, so that a learning rate fits all ranks;
 *     above 0, finite
 */
public record LoraConfig(int rank, double alpha) {

  private static final int MAX_RANK = 1024;

  /**
   * Checks the numbers.
   *
   * @param rank as above
   * @param alpha as above
   * @throws IllegalArgumentException if one is out of range
   */
  public LoraConfig {
    if (rank < 1 || rank > MAX_RANK) {
      throw new IllegalArgumentException("rank is " + rank + ", expected 1 to " + MAX_RANK);
    }
    if (!(alpha > 0 && Double.isFinite(alpha))) {
      throw new IllegalArgumentException("alpha is " + alpha + ", expected more than 0");
    }
  }

  /**
   * Returns what a delta is scaled by.
   *
   * @return {@code alpha / rank}
   */
  public double scale() {
    return alpha / rank;
  }
}
