package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.monitor.ContactSheet;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Runs the evaluation protocol ({@code docs/evaluation.md}). Every predictor draws one sample of
 * every pair, every model also the mean of several samples, and all are compared with the truth.
 *
 * <pre>{@code
 * EvaluationPairs pairs = EvaluationPairs.draw(data, 2, seed);
 * Evaluation.builder(data, pairs)
 *     .add(new CopyInput())
 *     .add(new SampledModel("student-1", student, manager, 1))
 *     .addReference(new SampledModel("teacher", teacher, manager, 0))
 *     .build()
 *     .run(progress)
 *     .write(Path.of("report.json"));
 * }</pre>
 */
public final class Evaluation {

  /** The part of a key that stands for a single prediction, the first sample of a model. */
  static final String SAMPLE = "sample";

  /** The part of a key that stands for the mean over seeds. */
  static final String MEAN = "mean";

  private final ViewPairDataset data;
  private final EvaluationPairs pairs;
  private final EvaluationBuilder settings;
  private final EvaluationPairs subset;
  private final EvaluationPairs sheetPairs;

  Evaluation(EvaluationBuilder settings) {
    this.settings = settings;
    data = settings.data;
    pairs = settings.pairs;
    subset = settings.slow.isEmpty() ? pairs : pairs.spread(settings.subset);
    sheetPairs = pairs.ofDistinctObjects(settings.sheetRows);
  }

  /**
   * Starts an evaluation.
   *
   * @param data the objects, of a split that no model was trained on
   * @param pairs pairs of their views
   * @return a builder without predictors
   */
  public static EvaluationBuilder builder(ViewPairDataset data, EvaluationPairs pairs) {
    return new EvaluationBuilder(data, pairs);
  }

  /**
   * Counts the units of work that {@link #run} reports.
   *
   * @return the network passes, and one for each image of a baseline
   */
  public long work() {
    long sum = 0;
    for (ViewPredictor predictor : settings.predictors) {
      sum += samples(predictor) * Math.max(1, predictor.passes());
    }
    return sum;
  }

  /** Counts the images that a predictor draws. */
  private long samples(ViewPredictor predictor) {
    long means = settings.slow.contains(predictor) ? subset.size() : pairs.size();
    return pairs.size() + (hasMean(predictor) ? means * (settings.seeds - 1) : 0);
  }

  /**
   * Counts the pairs.
   *
   * @return 1 or more
   */
  public int pairs() {
    return pairs.size();
  }

  /**
   * Estimates how long {@link #run} takes, by timing a small batch of each model.
   *
   * @return about its time, without that of reading files; half or double on a busy machine
   * @throws IOException if a predictor cannot read its files
   */
  public Duration estimate() throws IOException {
    warmUp();
    double nanos = 0;
    for (ViewPredictor predictor : settings.predictors) {
      int passes = predictor.passes();
      if (passes > 0) {
        // A few rows of many passes, more of one: times a pass fall with the rows of a batch.
        int rows = Math.min(pairs.size(), Math.max(2, settings.batch / (2 * passes)));
        ViewBatch batch = data.gather(pairs.pairs().subList(0, rows));
        long start = System.nanoTime();
        predictor.predict(batch, 0);
        nanos += (double) (System.nanoTime() - start) / rows * samples(predictor);
      }
    }
    return Duration.ofNanos((long) nanos);
  }

  /**
   * Runs the evaluation.
   *
   * @param progress hears about every batch, in units of {@link #work}
   * @return numbers and images, the same for the same settings except rounding and times
   * @throws IOException if a predictor cannot read its files
   * @throws IllegalArgumentException if a predictor's images are of another size or not finite
   */
  public EvaluationResult run(EvaluationProgress progress) throws IOException {
    Run run = new Run(progress);
    warmUp();
    List<ViewPair> others = new ArrayList<>(pairs.pairs());
    others.removeAll(Set.copyOf(subset.pairs()));
    run.batches(subset.pairs(), true);
    run.batches(others, false);
    return new EvaluationResult(
        new EvaluationReport(setup(), run.values.summaries()), sheet(run.drawn));
  }

  /** Runs each network before timing: the first call allocates memory and compiles. */
  private void warmUp() throws IOException {
    ViewBatch one = data.gather(pairs.pairs().subList(0, 1));
    for (ViewPredictor predictor : settings.predictors) {
      if (predictor.passes() > 0) {
        predictor.predict(one, 0);
      }
    }
  }

  private Map<String, String> setup() {
    Map<String, String> setup = new TreeMap<>(settings.setup);
    List<String> names = settings.predictors.stream().map(ViewPredictor::name).toList();
    setup.put("predictors", String.join(", ", names));
    long objects = pairs.pairs().stream().mapToInt(ViewPair::object).distinct().count();
    setup.put("objects", String.valueOf(objects));
    setup.put("image_size", String.valueOf(data.imageSize()));
    setup.put("pairs", String.valueOf(pairs.size()));
    setup.put("seeds", String.valueOf(settings.seeds));
    setup.put("batch", String.valueOf(settings.batch));
    if (subset.size() < pairs.size()) {
      setup.put("subset_pairs", String.valueOf(subset.size()));
    }
    if (settings.reference != null) {
      setup.put("reference", settings.reference.name());
    }
    if (settings.lpips != null) {
      setup.put("lpips", settings.lpips.net().toString());
      int side = settings.lpips.side();
      setup.put("lpips_size", String.valueOf(side == 0 ? data.imageSize() : side));
    }
    return setup;
  }

  private ContactSheet sheet(Map<ViewPair, Map<String, float[]>> drawn) {
    List<String> models =
        settings.predictors.stream()
            .filter(ViewPredictor::drawsOwnView)
            .map(ViewPredictor::name)
            .toList();
    ContactSheet sheet = ContactSheet.of(2 + models.size());
    for (ViewPair pair : sheetPairs.pairs()) {
      sheet.add(data.image(pair.object(), pair.source()), "source");
      sheet.add(data.image(pair.object(), pair.target()), "truth");
      for (String model : models) {
        sheet.add(drawn.get(pair).get(model), model.replace('-', ' '));
      }
    }
    return sheet;
  }

  /** The state of a run. */
  private final class Run {

    final MetricAccumulator values = new MetricAccumulator();
    final Map<ViewPair, Map<String, float[]>> drawn = new HashMap<>();
    private final PairScorer scorer = new PairScorer(data, pairs, subset, values);
    private final EvaluationProgress progress;
    private final long total = work();
    private long done;

    Run(EvaluationProgress progress) {
      this.progress = progress;
      sheetPairs.pairs().forEach(pair -> drawn.put(pair, new HashMap<>()));
    }

    void batches(List<ViewPair> part, boolean inSubset) throws IOException {
      for (int from = 0; from < part.size(); from += settings.batch) {
        int to = Math.min(part.size(), from + settings.batch);
        ViewBatch batch = data.gather(part.subList(from, to));
        float[] reference =
            settings.reference == null ? null : evaluate(settings.reference, batch, null, inSubset);
        for (ViewPredictor predictor : settings.predictors) {
          if (predictor != settings.reference) {
            evaluate(predictor, batch, predictor.isRandom() ? reference : null, inSubset);
          }
        }
      }
    }

    /** Returns the first sample, (N, 3, S, S). */
    private float[] evaluate(
        ViewPredictor predictor, ViewBatch batch, float[] reference, boolean inSubset)
        throws IOException {
      String key = predictor.name() + "/" + SAMPLE;
      float[] first = predict(predictor, batch, 0);
      for (int i = 0; i < batch.size(); i++) {
        ViewPair pair = batch.pairs().get(i);
        float[] image = row(first, batch, i);
        scorer.score(key, pair, image, false);
        if (reference != null) {
          scorer.compare(key + "/reference_psnr", pair, image, row(reference, batch, i));
        }
        if (drawn.containsKey(pair)) {
          drawn.get(pair).put(predictor.name(), image);
        }
      }
      addLpips(key, batch, first, false);
      boolean slow = settings.slow.contains(predictor);
      if (predictor.drawsOwnView() && !slow) {
        evaluateOwn(predictor, batch);
      }
      if (hasMean(predictor) && (inSubset || !slow)) {
        evaluateMean(predictor, batch, first, slow);
      }
      return first;
    }

    /** Compares photographs with what is drawn of them for their own cameras. */
    private void evaluateOwn(ViewPredictor predictor, ViewBatch batch) throws IOException {
      List<ViewPair> own = batch.pairs().stream().map(ViewPair::ofSource).toList();
      float[] images = predictor.predict(data.gather(own), 0);
      clip(images);
      for (int i = 0; i < batch.size(); i++) {
        ViewPair pair = batch.pairs().get(i);
        scorer.own(predictor.name() + "/" + SAMPLE, pair, row(images, batch, i));
      }
    }

    private void evaluateMean(
        ViewPredictor predictor, ViewBatch batch, float[] first, boolean subsetOnly)
        throws IOException {
      SeedMean samples = new SeedMean(first.length);
      samples.add(first);
      for (int sample = 1; sample < settings.seeds; sample++) {
        samples.add(predict(predictor, batch, sample));
      }
      String key = predictor.name() + "/" + MEAN;
      float[] mean = samples.mean();
      int size = first.length / batch.size();
      for (int i = 0; i < batch.size(); i++) {
        ViewPair pair = batch.pairs().get(i);
        scorer.score(key, pair, row(mean, batch, i), subsetOnly);
        double diversity = samples.diversity(i * size, (i + 1) * size);
        scorer.add(key + "/diversity", pair, diversity, subsetOnly);
      }
      addLpips(key, batch, mean, subsetOnly);
    }

    private void addLpips(String key, ViewBatch batch, float[] images, boolean subsetOnly) {
      if (settings.lpips != null) {
        float[] distances = settings.lpips.distances(images, batch.target(), batch.imageSize());
        for (int i = 0; i < distances.length; i++) {
          scorer.add(key + "/lpips", batch.pairs().get(i), distances[i], subsetOnly);
        }
      }
    }

    /** Predicts images, clipped to [-1, 1] as they will be shown. */
    private float[] predict(ViewPredictor predictor, ViewBatch batch, int sample)
        throws IOException {
      long start = System.nanoTime();
      float[] images = predictor.predict(batch, sample);
      double milliseconds = (System.nanoTime() - start) / 1e6 / batch.size();
      if (images.length != batch.target().length) {
        throw new IllegalArgumentException(
            predictor.name()
                + " predicted "
                + images.length
                + " values, expected "
                + batch.target().length);
      }
      clip(images);
      int passes = predictor.passes();
      if (passes > 0) {
        String key = predictor.name() + "/" + SAMPLE + "/milliseconds_per_";
        values.add(key + "image", milliseconds);
        values.add(key + "pass", milliseconds / passes);
      }
      done += (long) batch.size() * Math.max(1, passes);
      progress.update(done, total, predictor.name());
      return images;
    }
  }

  /** Clips images to [-1, 1], as for all comparisons. */
  static void clip(float[] images) {
    for (int i = 0; i < images.length; i++) {
      images[i] = Math.max(-1, Math.min(1, images[i]));
    }
  }

  private boolean hasMean(ViewPredictor predictor) {
    return predictor.isRandom() && settings.seeds > 1;
  }

  private static float[] row(float[] images, ViewBatch batch, int index) {
    int size = images.length / batch.size();
    return Arrays.copyOfRange(images, index * size, (index + 1) * size);
  }
}
