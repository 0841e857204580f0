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
import java.util.List;
import java.util.SortedMap;

/**
 * Measures how models' orbits flicker (docs/evaluation.md). The orbits' true images are rendered,
 * for a warp needs their depth; each model draws the same orbit from its first image, all frames
 * from one seed, as orbits are drawn. The true images' own flicker, of resampling and of what
 * really differs, is measured beside them: no model can be asked for less.
 */
public final class OrbitEvaluation {

  /** Views of an orbit: steps of about 17 degrees. */
  public static final int FRAMES = 21;

  /** What the true images are called in keys. */
  static final String TRUTH = "truth";

  /** What keys of this evaluation have between the predictor and the metric. */
  static final String ORBIT = "/orbit/";

  private final List<? extends MeshSource> meshes;
  private final List<? extends ViewPredictor> predictors;
  private final int size;
  private final long seed;

  /**
   * Makes an evaluation.
   *
   * @param meshes the objects, of a split that no model has seen
   * @param predictors the models
   * @param size S, the side of their images in pixels
   * @param seed of cameras, lights and noise
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
   * Counts the work, as {@link #run} reports it.
   *
   * @return passes of the networks
   */
  public long work() {
    return meshes.size() * (long) FRAMES * passes();
  }

  private long passes() {
    return predictors.stream().mapToLong(ViewPredictor::passes).sum();
  }

  /**
   * Draws and measures.
   *
   * @param manager says where to compare
   * @param progress hears of every orbit, in units of {@link #work}
   * @return {@code predictor/orbit/flicker}, and {@code truth/orbit/flicker} and {@code
   *     truth/orbit/seen}, the share of pixels that count; one value an object
   * @throws IOException if a mesh cannot be read
   */
  public SortedMap<String, MetricSummary> run(NDManager manager, EvaluationProgress progress)
      throws IOException {
    MetricAccumulator values = new MetricAccumulator();
    long done = 0;
    for (MeshSource source : meshes) {
      List<View> ring = RenderedOrbit.of(source.id(), source.load().mesh(), FRAMES, size, seed);
      ViewBatch batch = batch(ring);
      Flicker truth = Flicker.of(manager, batch.target(), ring);
      values.add(TRUTH + ORBIT + "seen", truth.seen() / (2.0 * FRAMES * size * size));
      if (truth.seen() == 0) {
        // Thinner than two pixels everywhere: there is nothing to compare.
        done += FRAMES * passes();
        continue;
      }
      values.add(TRUTH + ORBIT + "flicker", truth.difference());
      for (ViewPredictor predictor : predictors) {
        float[] frames = predictor.predict(batch, 0);
        Evaluation.clip(frames);
        values.add(
            predictor.name() + ORBIT + "flicker", Flicker.of(manager, frames, ring).difference());
        done += (long) FRAMES * predictor.passes();
        progress.update(done, work(), predictor.name());
      }
    }
    return values.summaries();
  }

  /** The first view is the photograph of all. */
  private ViewBatch batch(List<View> ring) {
    BatchBuilder batch = new BatchBuilder(ring.size(), 1, size, Augmentation.NONE, false);
    for (int i = 0; i < ring.size(); i++) {
      batch.add(new ViewPair(0, 0, i, seed), ring.get(0), ring.get(i));
    }
    return batch.build();
  }
}
