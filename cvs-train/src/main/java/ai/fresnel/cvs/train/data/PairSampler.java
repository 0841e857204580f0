package ai.fresnel.cvs.train.data;

import ai.fresnel.cvs.geometry.Vectors;

/** Draws the views of a sample, as a pure function of the seed and the number of the sample. */
final class PairSampler {

  private static final long SEED_STREAM = 0x5A3C_0001L;
  private static final long PAIR_STREAM = 0x5A3C_0002L;

  private final PairOptions options;

  PairSampler(PairOptions options) {
    this.options = options;
  }

  /** Returns the seed of the random draws of a source; draw number 0 chooses the object. */
  long draws(long sample) {
    return SplitMix64.draw(SplitMix64.draw(options.seed(), PAIR_STREAM), options.leader(sample));
  }

  /**
   * Draws a source evenly, then another view within the largest angle as its target, if there is
   * one. Further targets of the source differ from the first if there is a third view.
   */
  ViewPair pair(long sample, int index, DecodedObject object) {
    // Two streams: noise and choice of views must be independent.
    long leader = options.leader(sample);
    long sampleSeed = SplitMix64.draw(SplitMix64.draw(options.seed(), SEED_STREAM), leader);
    long draws = draws(sample);
    int source = SplitMix64.draw(draws, 1, object.forwards.length);
    double maxAngle = options.angles().maxAngle(leader);
    int target = target(object.forwards, source, source, draws, maxAngle, 2);
    if (sample != leader && object.forwards.length > 2) {
      target =
          target(object.forwards, source, target, draws, maxAngle, 2 + (int) (sample - leader));
    }
    return new ViewPair(index, source, target, sampleSeed);
  }

  /**
   * @param taken another view to exclude
   * @param draw the number of the random draw
   */
  private static int target(
      double[][] forwards, int source, int taken, long draws, double maxAngle, int draw) {
    double minCosine = maxAngle >= Math.PI ? -2 : Math.cos(maxAngle);
    int views = forwards.length;
    if (views == 1) {
      return source;
    }
    int[] near = new int[views];
    int count = 0;
    int nearest = -1;
    double nearestCosine = Double.NEGATIVE_INFINITY;
    for (int view = 0; view < views; view++) {
      double cosine = Vectors.dot(forwards[source], forwards[view]);
      if (view == source || view == taken) {
        continue;
      }
      if (cosine >= minCosine) {
        near[count++] = view;
      }
      if (cosine > nearestCosine) {
        nearestCosine = cosine;
        nearest = view;
      }
    }
    return count == 0 ? nearest : near[SplitMix64.draw(draws, draw, count)];
  }
}
