package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.view.ViewContext;
import java.util.List;
import java.util.Optional;

/**
 * A batch of N pairs of views as plain arrays, N outermost. The arrays are not copied: do not
 * change them.
 */
public final class ViewBatch {

  private final List<ViewPair> pairs;
  private final int viewsPerSource;
  private final int imageSize;
  private final float[] source;
  private final float[] target;
  private final float[] pose;
  private final Depths depths;

  /** Depths along the cameras' forward axes in world units, 0 where there is nothing. */
  static final class Depths {

    /** Of the source views, (N, S, S). */
    final float[] source;

    /** Of the target views, (N, S, S). */
    final float[] target;

    Depths(int size) {
      source = new float[size];
      target = new float[size];
    }
  }

  /**
   * @param depths null without depth
   */
  ViewBatch(
      List<ViewPair> pairs,
      int viewsPerSource,
      int imageSize,
      float[] source,
      float[] target,
      float[] pose,
      Depths depths) {
    this.pairs = List.copyOf(pairs);
    this.viewsPerSource = viewsPerSource;
    this.imageSize = imageSize;
    this.source = source;
    this.target = target;
    this.pose = pose;
    this.depths = depths;
  }

  /**
   * Returns the number of pairs.
   *
   * @return N
   */
  public int size() {
    return pairs.size();
  }

  /**
   * Returns the side of the square images.
   *
   * @return S in pixels
   */
  public int imageSize() {
    return imageSize;
  }

  /**
   * Returns the pairs.
   *
   * @return N pairs
   */
  public List<ViewPair> pairs() {
    return pairs;
  }

  /**
   * Returns the source views.
   *
   * @return (N, 3, S, S) in [-1, 1], on white
   */
  public float[] source() {
    return source;
  }

  /**
   * Returns the target views.
   *
   * @return (N, 3, S, S) in [-1, 1], on white
   */
  public float[] target() {
    return target;
  }

  /**
   * Returns the camera moves.
   *
   * @return (N, 16), the {@link RelativePose#features}
   */
  public float[] pose() {
    return pose;
  }

  /**
   * Returns the depth of the target views, if {@link PairOptions#depth} asks for it.
   *
   * @return (N, S, S) along the camera's forward axis in world units, 0 where there is nothing; or
   *     empty
   */
  public Optional<float[]> depth() {
    return Optional.ofNullable(depths).map(maps -> maps.target);
  }

  /**
   * Returns the depth of the source views, as {@link #depth}.
   *
   * @return (N, S, S), or empty
   */
  public Optional<float[]> sourceDepth() {
    return Optional.ofNullable(depths).map(maps -> maps.source);
  }

  /**
   * Returns the seeds of the noise and dropout of the samples.
   *
   * @return N seeds
   */
  public long[] sampleSeeds() {
    return pairs.stream().mapToLong(ViewPair::sampleSeed).toArray();
  }

  /**
   * Copies the batch to a device.
   *
   * @param manager owns the arrays
   * @return the batch of M = N / V sources, each once, and N target views as images
   */
  public TrainingBatch on(NDManager manager) {
    Shape images = new Shape(size(), 3, imageSize, imageSize);
    NDArray sources = manager.create(source, images);
    if (viewsPerSource > 1) {
      sources = sources.get(manager, new NDIndex("::{}", viewsPerSource));
    }
    NDArray targets = manager.create(target, images);
    NDArray cameras = manager.create(pose, new Shape(size(), RelativePose.FEATURES));
    TrainingBatch batch =
        TrainingBatch.of(targets, ViewContext.of(sources, cameras), sampleSeeds());
    if (depths == null) {
      return batch;
    }
    Shape maps = new Shape(size(), 1, imageSize, imageSize);
    NDArray far = manager.create(depths.source, maps);
    if (viewsPerSource > 1) {
      far = far.get(manager, new NDIndex("::{}", viewsPerSource));
    }
    return batch.withDepth(far, manager.create(depths.target, maps));
  }
}
