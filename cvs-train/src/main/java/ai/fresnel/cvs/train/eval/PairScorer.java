package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares images with the truth and gathers the numbers by group of pairs: all pairs, those of
 * each range of angles, and the subset. A key is {@code predictor/kind/metric}, followed by {@code
 * /group} for all groups but the first.
 */
final class PairScorer {

  /** The group of pairs for which slow predictors have means. */
  static final String SUBSET = "subset";

  private final ViewPairDataset data;
  private final Set<ViewPair> subset;
  private final boolean strict;
  private final ImageMetrics metrics;
  private final MetricAccumulator values;
  private final Map<String, Double> truthSharpness = new HashMap<>();

  /**
   * @param data holds the truth
   * @param pairs all pairs
   * @param subset some of them, or all
   * @param values receives the numbers
   */
  PairScorer(
      ViewPairDataset data,
      EvaluationPairs pairs,
      EvaluationPairs subset,
      MetricAccumulator values) {
    this.data = data;
    this.subset = Set.copyOf(subset.pairs());
    this.strict = subset.size() < pairs.size();
    this.metrics = new ImageMetrics(3, data.imageSize(), data.imageSize());
    this.values = values;
    MetricAccumulator truth = new MetricAccumulator();
    for (ViewPair pair : pairs.pairs()) {
      double sharpness = metrics.sharpness(truth(pair));
      groups(pair).forEach(group -> truth.add(group, sharpness));
    }
    truth.summaries().forEach((group, summary) -> truthSharpness.put(group, summary.mean()));
  }

  /**
   * Adds all metrics of one image.
   *
   * @param key predictor and kind
   * @param pair the pair of the predicted target
   * @param image (3, S, S) in [-1, 1]
   * @param subsetOnly whether this key has values for the subset only
   */
  void score(String key, ViewPair pair, float[] image, boolean subsetOnly) {
    float[] truth = truth(pair);
    add(key + "/psnr", pair, metrics.psnr(image, truth), subsetOnly);
    add(key + "/ssim", pair, metrics.ssim(image, truth), subsetOnly);
    boolean[] mask = foreground(pair);
    // An object outside the target view has no foreground.
    if (mask != null) {
      add(key + "/psnr_foreground", pair, metrics.psnr(image, truth, mask), subsetOnly);
      add(key + "/ssim_foreground", pair, metrics.ssim(image, truth, mask), subsetOnly);
    }
    double sharpness = metrics.sharpness(image);
    for (String group : groups(pair, subsetOnly)) {
      // By the group's mean, so that the mean of shares is the share of means: a truth of its own
      // that is nearly uniform would outweigh all others.
      double whole = truthSharpness.get(group);
      if (whole > 0) {
        values.add(key + "/sharpness_share" + group, sharpness / whole);
      }
    }
  }

  /** Adds the PSNR between two predicted images. */
  void compare(String key, ViewPair pair, float[] image, float[] other) {
    add(key, pair, metrics.psnr(image, other), false);
  }

  /** Adds a value of a pair to all its groups, or to the subset only. */
  void add(String key, ViewPair pair, double value, boolean subsetOnly) {
    for (String group : groups(pair, subsetOnly)) {
      values.add(key + group, value);
    }
  }

  private float[] truth(ViewPair pair) {
    return data.image(pair.object(), pair.target());
  }

  /** Returns the mask of the target where alpha is above one half, or null if it is nowhere. */
  private boolean[] foreground(ViewPair pair) {
    float[] alpha = data.mask(pair.object(), pair.target());
    boolean[] mask = new boolean[alpha.length];
    boolean any = false;
    for (int i = 0; i < mask.length; i++) {
      mask[i] = alpha[i] > 0.5f;
      any |= mask[i];
    }
    return any ? mask : null;
  }

  private List<String> groups(ViewPair pair, boolean subsetOnly) {
    return subsetOnly && strict ? List.of("/" + SUBSET) : groups(pair);
  }

  /** Returns the suffixes of keys for the groups of a pair. */
  private List<String> groups(ViewPair pair) {
    List<String> groups = new ArrayList<>();
    groups.add("");
    groups.add("/" + RelativeAngle.bin(RelativeAngle.of(data, pair)));
    if (strict && subset.contains(pair)) {
      groups.add("/" + SUBSET);
    }
    return groups;
  }
}
