package ai.fresnel.cvs.train.data;

/**
 * Options of the pairs that a {@link PairSource} draws.
 *
 * @param batchSize pairs in a batch, at least 1
 * @param seed decides every pair and every sample seed
 * @param angles the largest angle between the viewing directions of the two cameras; if an object
 *     has no view within it, the nearest one is taken
 * @param augmentation the changes of random pairs
 * @param depth whether batches hold the depth of the targets; every view must have depth then
 * @param targets the number of consecutive samples that share a source and a seed, at least 1; the
 *     batch size is a multiple of it
 * @param maxBytes the most memory for decoded images
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
   * Returns options for pairs at any angle without augmentation, with half of the largest heap for
   * images.
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
   * Returns these options with a limit of the angle between source and target.
   *
   * @param maxAngle radians, above 0
   * @return new options
   */
  public PairOptions withMaxAngle(double maxAngle) {
    return withAngles(new PoseCurriculum(maxAngle, maxAngle, 0));
  }

  /**
   * Returns these options with a limit of the angle that changes over the run.
   *
   * @param angles the limits
   * @return new options
   */
  public PairOptions withAngles(PoseCurriculum angles) {
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /**
   * Returns these options with another augmentation.
   *
   * @param augmentation the changes
   * @return new options
   */
  public PairOptions withAugmentation(Augmentation augmentation) {
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /**
   * Returns these options with another limit of memory.
   *
   * @param maxBytes the most memory for decoded images
   * @return new options
   */
  public PairOptions withMaxBytes(long maxBytes) {
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /**
   * Returns these options with or without depth in batches.
   *
   * @param depth whether batches hold it
   * @return new options
   */
  public PairOptions withDepth(boolean depth) {
    return new PairOptions(batchSize, seed, angles, augmentation, depth, targets, maxBytes);
  }

  /**
   * Returns these options with several targets for each source. Targets repeat if an object has too
   * few views.
   *
   * @param targets the number of consecutive samples that share a source and a seed
   * @return new options
   * @throws IllegalArgumentException if the batch size is no multiple of it
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

  /** Returns the bytes of a decoded pixel: colours, alpha and, if asked for, depth. */
  long bytesPerPixel() {
    return depth ? 8 : 4;
  }

  /**
   * Returns the first of the samples that share a source.
   *
   * @param sample a sample's number, 0 or more
   * @return the number itself with one target for each source
   */
  public long leader(long sample) {
    return sample - sample % targets;
  }
}
