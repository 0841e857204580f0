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

  /** The name of the true images in keys. */
  static final String TRUTH = "truth";

  /** Pixels between an outline and what counts as inside: neither the edge nor its antialiasing. */
  private static final int MARGIN = 2;

  private final ViewPairDataset data;
  private final Set<ViewPair> subset;
  private final boolean strict;
  private final ImageMetrics metrics;
  private final MetricAccumulator values;
  private final Map<String, Double> truthSharpness = new HashMap<>();
  private final Map<String, Double> truthInnerSharpness = new HashMap<>();

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
    MetricAccumulator whole = new MetricAccumulator();
    MetricAccumulator inner = new MetricAccumulator();
    for (ViewPair pair : pairs.pairs()) {
      float[] truth = truth(pair);
      double sharpness = metrics.sharpness(truth);
      groups(pair).forEach(group -> whole.add(group, sharpness));
      Silhouette silhouette = silhouette(pair);
      Silhouette inside = silhouette.eroded(MARGIN);
      if (inside.hasGradient()) {
        double energy = metrics.sharpness(truth, inside.mask());
        groups(pair).forEach(group -> inner.add(group, energy));
      }
      addIou(TRUTH + "/" + Evaluation.SAMPLE, pair, truth, silhouette, false);
    }
    whole.summaries().forEach((group, summary) -> truthSharpness.put(group, summary.mean()));
    inner.summaries().forEach((group, summary) -> truthInnerSharpness.put(group, summary.mean()));
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
    Silhouette silhouette = silhouette(pair);
    addIou(key, pair, image, silhouette, subsetOnly);
    addShares(key + "/sharpness_share", pair, metrics.sharpness(image), truthSharpness, subsetOnly);
    Silhouette inside = silhouette.eroded(MARGIN);
    if (inside.hasGradient()) {
      double energy = metrics.sharpness(image, inside.mask());
      addShares(key + "/inner_sharpness", pair, energy, truthInnerSharpness, subsetOnly);
    }
  }

  private void addIou(
      String key, ViewPair pair, float[] image, Silhouette silhouette, boolean subsetOnly) {
    if (silhouette.area() > 0) {
      double iou = Silhouette.drawn(image, metrics.width()).iou(silhouette);
      add(key + "/silhouette_iou", pair, iou, subsetOnly);
    }
  }

  /**
   * Adds a value as a share of the truth's mean over each group, so that the mean of shares is the
   * share of means: a truth of its own that is nearly uniform would outweigh all others.
   */
  private void addShares(
      String key, ViewPair pair, double value, Map<String, Double> truth, boolean subsetOnly) {
    for (String group : groups(pair, subsetOnly)) {
      double whole = truth.get(group);
      if (whole > 0) {
        values.add(key + group, value / whole);
      }
    }
  }

  /** Adds the PSNR between two predicted images. */
  void compare(String key, ViewPair pair, float[] image, float[] other) {
    add(key, pair, metrics.psnr(image, other), false);
  }

  /** Adds the PSNR of an image drawn for the photograph's own camera. */
  void own(String key, ViewPair pair, float[] image) {
    float[] photograph = data.image(pair.object(), pair.source());
    add(key + "/own_psnr", pair, metrics.psnr(image, photograph), false);
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

  private Silhouette silhouette(ViewPair pair) {
    return Silhouette.ofAlpha(data.mask(pair.object(), pair.target()), metrics.width());
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
