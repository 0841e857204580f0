package ai.fresnel.cvs.train.data;

import ai.fresnel.cvs.geometry.Vectors;

/** Which views a sample of a series gets: functions of the series' seed and the sample's number. */
final class PairDraws {

  private static final long SEED_STREAM = 0x5A3C_0001L;
  private static final long PAIR_STREAM = 0x5A3C_0002L;

  private final PairOptions options;

  PairDraws(PairOptions options) {
    this.options = options;
  }

  /** A seed of the sample's own; its draw number 0 chooses the object. */
  long draws(long sample) {
    return SplitMix64.draw(SplitMix64.draw(options.seed(), PAIR_STREAM), sample);
  }

  /** A source drawn evenly, then a target near enough that is another view, if there is one. */
  ViewPair pair(long sample, int index, DecodedObject object) {
    // Two streams: what seeds the noise must not be what chose the views.
    long sampleSeed = SplitMix64.draw(SplitMix64.draw(options.seed(), SEED_STREAM), sample);
    long draws = draws(sample);
    int source = SplitMix64.draw(draws, 1, object.forwards.length);
    double maxAngle = options.angles().maxAngle(sample);
    int target = target(object.forwards, source, draws, maxAngle);
    return new ViewPair(index, source, target, sampleSeed);
  }

  private static int target(double[][] forwards, int source, long draws, double maxAngle) {
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
      if (view == source) {
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
    return count == 0 ? nearest : near[SplitMix64.draw(draws, 2, count)];
  }
}
