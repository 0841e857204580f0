package ai.fresnel.cvs.train.data;

/**
 * Which pairs a {@link ViewPairDataset} draws.
 *
 * @param batchSize pairs in a batch, at least 1
 * @param seed decides every pair and every sample seed
 * @param angles the largest angle between the two cameras' viewing directions; where an object has
 *     no view so near, its nearest one is taken
 * @param augmentation how pairs of the random series are changed
 * @param depth whether batches hold the targets' depth, which every view must have then
 * @param targets how many samples in a row are targets of one source, with one seed, at least 1;
 *     batches are a multiple of that
 * @param maxBytes how much memory the decoded images may take
 */
public record PairOptions(
    int batchSize,
    long seed,
    PoseCurriculum angles,
    Augmentation augmentation,
    boolean depth,
    int targets,
    long maxBytes) {

  /**
   * Returns options for pairs at any angle, as they are, with half of the largest heap for images.
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
        false,
        1,
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
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /**
   * Returns these options with changes of the pairs.
   *
   * @param augmentation the changes
   * @return new options
   */
  public PairOptions withAugmentation(Augmentation augmentation) {
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /**
   * Returns these options with another bound of memory.
   *
   * @param maxBytes how much memory the decoded images may take
   * @return new options
   */
  public PairOptions withMaxBytes(long maxBytes) {
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /**
   * Returns these options with or without the targets' depth in batches.
   *
   * @param depth whether batches hold it
   * @return new options
   */
  public PairOptions withDepth(boolean depth) {
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /**
   * Returns these options with several targets a source. Where an object has too few views, some
   * come twice.
   *
   * @param targets how many samples in a row share source and seed
   * @return new options
   * @throws IllegalArgumentException if batches are no multiple of it
   */
  public PairOptions withTargets(int targets) {
    if (targets < 1 || batchSize % targets != 0) {
      throw new IllegalArgumentException(
          "batchSize is "
              + batchSize
              + ", expected a multiple of the targets a source, "
              + targets);
    }
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /** Bytes of a decoded pixel: colours, alpha and, where wanted, depth. */
  long bytesPerPixel() {
    return depth ? 8 : 4;
  }

  /**
   * Returns the first of the samples that share a source.
   *
   * @param sample a sample's number, 0 or more
   * @return the number itself with one target a source
   */
  public long leader(long sample) {
    return sample - sample % targets;
  }
}
