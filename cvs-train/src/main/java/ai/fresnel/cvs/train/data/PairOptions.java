package ai.fresnel.cvs.train.data;

/**
 * Which pairs a {@link ViewPairDataset} draws.
 *
 * @param batchSize pairs in a batch, at least 1
 * @param seed decides every pair and every sample seed
 * @param angles the largest angle between the two cameras' viewing directions; where an object has
 *     no view so near, its nearest one is taken
 * @param augmentation how pairs of the random series are changed
 * @param maxBytes how much memory the decoded pictures may take
 */
public record PairOptions(
    int batchSize, long seed, PoseCurriculum angles, Augmentation augmentation, long maxBytes) {

  /**
   * Returns options for pairs at any angle, as they are, with half of the largest heap for
   * pictures.
   *
   * @param batchSize pairs in a batch, at least 1
   * @param seed decides every pair and every sample seed
   * @return the options
   */
  public static PairOptions of(int batchSize, long seed) {
    return new PairOptions(
        batchSize,
        seed,
        PoseCurriculum.NONE,
        Augmentation.NONE,
        Runtime.getRuntime().maxMemory() / 2);
  }

  /**
   * Returns these options with a limit to the angle between source and target.
   *
   * @param maxAngle radians, above 0
   * @return new options
   */
  public PairOptions withMaxAngle(double maxAngle) {
    return withAngles(new PoseCurriculum(maxAngle, maxAngle, 0));
  }

  /**
   * Returns these options with a limit to the angle that changes over the run.
   *
   * @param angles the limits
   * @return new options
   */
  public PairOptions withAngles(PoseCurriculum angles) {
    return new PairOptions(batchSize, seed, angles, augmentation, maxBytes);
  }

  /**
   * Returns these options with changes of the pairs.
   *
   * @param augmentation the changes
   * @return new options
   */
  public PairOptions withAugmentation(Augmentation augmentation) {
    return new PairOptions(batchSize, seed, angles, augmentation, maxBytes);
  }

  /**
   * Returns these options with another bound of memory.
   *
   * @param maxBytes how much memory the decoded pictures may take
   * @return new options
   */
  public PairOptions withMaxBytes(long maxBytes) {
    return new PairOptions(batchSize, seed, angles, augmentation, maxBytes);
  }
}
