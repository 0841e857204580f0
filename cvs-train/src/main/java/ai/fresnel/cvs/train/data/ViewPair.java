package ai.fresnel.cvs.train.data;

/**
 * Which views make one sample.
 *
 * @param object the object's index in its {@link ViewPairDataset}
 * @param source the index of the view that is given
 * @param target the index of the view to make
 * @param sampleSeed what the sample's noise and dropout are seeded with
 */
public record ViewPair(int object, int source, int target, long sampleSeed) {}
