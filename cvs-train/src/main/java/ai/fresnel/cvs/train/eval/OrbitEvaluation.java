package ai.fresnel.cvs.train.eval;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.Augmentation;
import ai.fresnel.cvs.train.data.BatchBuilder;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.render.RenderedOrbit;
import ai.fresnel.cvs.train.viewset.View;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Measures the flicker of the orbits of models (docs/evaluation.md). Renders the true images of
 * each orbit, since the warp needs their depth. Each model draws the same orbit from its first
 * image, all frames from one seed, as usual for orbits. The flicker of the true images, from
 * resampling and real differences, is the lower bound for models and is measured too.
 */
public final class OrbitEvaluation {

  /** Views of an orbit, about 17 degrees apart. */
  public static final int FRAMES = 21;

  /** The part of keys between the predictor and the metric. */
  static final String ORBIT = "/orbit/";

  private final List<? extends MeshSource> meshes;
  private final List<? extends ViewPredictor> predictors;
  private final int size;
  private final long seed;

  /**
   * Makes an evaluation.
   *
   * @param meshes the objects, of a split that no model was trained on
   * @param predictors the models
   * @param size S, the side of their images in pixels
   * @param seed the seed of cameras, lights and noise
   */
  public OrbitEvaluation(
      List<? extends MeshSource> meshes,
      List<? extends ViewPredictor> predictors,
      int size,
      long seed) {
    this.meshes = List.copyOf(meshes);
    this.predictors = List.copyOf(predictors);
    this.size = size;
    this.seed = seed;
  }

  /**
   * Counts the units of work that {@link #run} reports.
   *
   * @return the network passes
   */
  public long work() {
    return meshes.size() * (long) FRAMES * passes();
  }

  private long passes() {
    return predictors.stream().mapToLong(ViewPredictor::passes).sum();
  }

  /**
   * Draws the orbits and measures their flicker.
   *
   * @param manager decides the device of the comparison
   * @param progress hears about every orbit, in units of {@link #work}
   * @return {@code predictor/orbit/flicker} and {@code predictor/orbit/flicker_share}, the same
   *     divided by the truth's mean; {@code truth/orbit/flicker} and {@code truth/orbit/seen}, the
   *     share of counted pixels; one value for each object
   * @throws IOException if a mesh cannot be read
   */
  public SortedMap<String, MetricSummary> run(NDManager manager, EvaluationProgress progress)
      throws IOException {
    MetricAccumulator values = new MetricAccumulator();
    Map<String, List<Double>> drawn = new LinkedHashMap<>();
    long done = 0;
    for (MeshSource source : meshes) {
      List<View> ring = RenderedOrbit.of(source.id(), source.load().mesh(), FRAMES, size, seed);
      ViewBatch batch = batch(ring);
      Flicker truth = Flicker.of(manager, batch.target(), ring);
      values.add(PairScorer.TRUTH + ORBIT + "seen", truth.seen() / (2.0 * FRAMES * size * size));
      if (truth.seen() == 0) {
        // Thinner than two pixels everywhere: nothing can be compared.
        done += FRAMES * passes();
        continue;
      }
      values.add(PairScorer.TRUTH + ORBIT + "flicker", truth.difference());
      drawn.computeIfAbsent(PairScorer.TRUTH, name -> new ArrayList<>()).add(truth.difference());
      for (ViewPredictor predictor : predictors) {
        float[] frames = predictor.predict(batch, 0);
        Evaluation.clip(frames);
        double flicker = Flicker.of(manager, frames, ring).difference();
        values.add(predictor.name() + ORBIT + "flicker", flicker);
        drawn.computeIfAbsent(predictor.name(), name -> new ArrayList<>()).add(flicker);
        done += (long) FRAMES * predictor.passes();
        progress.update(done, work(), predictor.name());
      }
    }
    MetricSummary truth = values.summaries().get(PairScorer.TRUTH + ORBIT + "flicker");
    if (truth != null && truth.mean() > 0) {
      // By the mean over objects: an object that hardly flickers would outweigh all others.
      drawn.forEach(
          (name, each) ->
              each.forEach(
                  flicker -> values.add(name + ORBIT + "flicker_share", flicker / truth.mean())));
    }
    return values.summaries();
  }

  /** Makes a batch with the first view as the source of all. */
  private ViewBatch batch(List<View> ring) {
    BatchBuilder batch = new BatchBuilder(ring.size(), 1, size, Augmentation.NONE, false);
    for (int i = 0; i < ring.size(); i++) {
      batch.add(new ViewPair(0, 0, i, seed), ring.get(0), ring.get(i));
    }
    return batch.build();
  }
}
