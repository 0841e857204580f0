package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import java.util.List;

/**
 * What is drawn of a batch of N pairs, M = N / V sources with V targets each, before any image is
 * touched: which views, their cameras and the changes of their colours. A few numbers a pair, for
 * {@link ResidentViews}.
 */
final class PairDraws {

  private static final int JITTERS = 4;
  private static final int COLOURS = 3;

  private final Augmentation augmentation;
  private final int targetsPerSource;
  private final long[] sources;
  private final long[] targets;
  private final long[] seeds;
  private final float[] cameras;
  private final float[] mirrored;
  private final float[] jitters;
  private final float[] backgrounds;

  /**
   * Draws nothing itself: notes what the pairs' seeds say.
   *
   * @param pairs N of them, the targets of one source in sequence
   * @param objects what the pairs' objects are, by index
   * @param first the number of the first view of each object, by index
   * @param targetsPerSource V
   * @param augmentation changes without zoom
   */
  PairDraws(
      List<ViewPair> pairs,
      List<DecodedObject> objects,
      int[] first,
      int targetsPerSource,
      Augmentation augmentation) {
    int size = pairs.size();
    this.augmentation = augmentation;
    this.targetsPerSource = targetsPerSource;
    sources = new long[size / targetsPerSource];
    targets = new long[size];
    seeds = new long[size];
    cameras = new float[size * RelativePose.FEATURES];
    mirrored = new float[size];
    jitters = new float[size * JITTERS];
    backgrounds = new float[size * COLOURS];
    for (int i = 0; i < size; i++) {
      ViewPair pair = pairs.get(i);
      DecodedObject object = objects.get(pair.object());
      if (i % targetsPerSource == 0) {
        sources[i / targetsPerSource] = (long) first[pair.object()] + pair.source();
      }
      targets[i] = (long) first[pair.object()] + pair.target();
      seeds[i] = pair.sampleSeed();
      note(i, BatchBuilder.draws(pair), object, pair);
    }
  }

  private void note(int i, long draws, DecodedObject object, ViewPair pair) {
    boolean mirrors = augmentation.mirrors(draws);
    mirrored[i] = mirrors ? 1 : 0;
    Intrinsics lens = object.intrinsics;
    CameraPose from = object.poses[pair.source()];
    CameraPose to = object.poses[pair.target()];
    float[] camera =
        RelativePose.features(
            mirrors ? from.mirrored() : from, lens, mirrors ? to.mirrored() : to, lens);
    System.arraycopy(camera, 0, cameras, i * camera.length, camera.length);
    System.arraycopy(augmentation.turn(draws), 0, jitters, i * JITTERS, COLOURS);
    jitters[i * JITTERS + COLOURS] = (float) augmentation.power(draws);
    float[] background = augmentation.background(draws);
    for (int c = 0; c < COLOURS; c++) {
      backgrounds[i * COLOURS + c] = background == null ? 1 : background[c];
    }
  }

  /** The seeds of noise and dropout, N of them. */
  long[] seeds() {
    return seeds;
  }

  /** The draws of the sources, as arrays. */
  ResidentViews.Pick sources(NDManager manager) {
    return pick(manager, sources, targetsPerSource);
  }

  /** The draws of the targets, as arrays. */
  ResidentViews.Pick targets(NDManager manager) {
    return pick(manager, targets, 1);
  }

  private ResidentViews.Pick pick(NDManager manager, long[] views, int step) {
    return new ResidentViews.Pick(
        manager.create(views),
        manager.create(every(mirrored, 1, step)),
        manager.create(every(jitters, JITTERS, step), new Shape(views.length, JITTERS)),
        manager.create(every(backgrounds, COLOURS, step), new Shape(views.length, COLOURS)));
  }

  /** Every step-th row. */
  private static float[] every(float[] rows, int width, int step) {
    if (step == 1) {
      return rows;
    }
    float[] some = new float[rows.length / step];
    for (int i = 0; i < some.length; i += width) {
      System.arraycopy(rows, i * step, some, i, width);
    }
    return some;
  }

  /** The camera moves, (N, 16). */
  NDArray cameras(NDManager manager) {
    return manager.create(cameras, new Shape(targets.length, RelativePose.FEATURES));
  }
}
