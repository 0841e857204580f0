package ai.fresnel.cvs.train.data;

/**
 * The two views of a sample.
 *
 * @param object the index of the object in its {@link ViewPairDataset}
 * @param source the index of the source view
 * @param target the index of the target view
 * @param sampleSeed the seed of the noise and dropout of the sample
 */
public record ViewPair(int object, int source, int target, long sampleSeed) {

  /**
   * Returns the pair whose target is the source itself.
   *
   * @return the photograph from its own camera
   */
  public ViewPair ofSource() {
    return new ViewPair(object, source, source, sampleSeed);
  }
}
