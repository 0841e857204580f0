package ai.fresnel.cvs.train.data;

/**
 * Which pairs a {@link ViewPairDataset} draws.
 *
 * @param batchSize pairs in a batch, at least 1
 * @param seed decides every pair and every sample seed
 * @param maxAngle the largest angle between the two cameras' viewing directions in radians, π for
 *     any; where an object has no view so near, its nearest one is taken
 * @param maxBytes how much memory the decoded pictures may take
 */
public record PairOptions(int batchSize, long seed, double maxAngle, long maxBytes) {

  /**
   * Returns options for pairs at any angle, with half of the largest heap for pictures.
   *
   * @param batchSize pairs in a batch, at least 1
   * @param seed decides every pair and every sample seed
   * @return the options
   */
  public static PairOptions of(int batchSize, long seed) {
    return new PairOptions(batchSize, seed, Math.PI, Runtime.getRuntime().maxMemory() / 2);
  }

  /**
   * Returns these options with a limit to the angle between source and target.
   *
   * @param maxAngle radians, above 0
   * @return new options
   */
  public PairOptions withMaxAngle(double maxAngle) {
    return new PairOptions(batchSize, seed, maxAngle, maxBytes);
  }

  /**
   * Returns these options with another bound of memory.
   *
   * @param maxBytes how much memory the decoded pictures may take
   * @return new options
   */
  public PairOptions withMaxBytes(long maxBytes) {
    return new PairOptions(batchSize, seed, maxAngle, maxBytes);
  }
}
