package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.RelativePose;
import java.util.List;

/**
 * N pairs of views as plain arrays, N outermost. The arrays are the batch's own: do not change
 * them.
 */
public final class ViewBatch {

  private final List<ViewPair> pairs;
  private final int pictureSize;
  private final float[] source;
  private final float[] target;
  private final float[] pose;

  ViewBatch(List<ViewPair> pairs, int pictureSize, float[] source, float[] target, float[] pose) {
    this.pairs = List.copyOf(pairs);
    this.pictureSize = pictureSize;
    this.source = source;
    this.target = target;
    this.pose = pose;
  }

  /**
   * Returns how many pairs there are.
   *
   * @return N
   */
  public int size() {
    return pairs.size();
  }

  /**
   * Returns the side of the square pictures.
   *
   * @return S in pixels
   */
  public int pictureSize() {
    return pictureSize;
  }

  /**
   * Returns which views the samples are.
   *
   * @return N pairs
   */
  public List<ViewPair> pairs() {
    return pairs;
  }

  /**
   * Returns the given views.
   *
   * @return (N, 3, S, S) in [-1, 1], on white
   */
  public float[] source() {
    return source;
  }

  /**
   * Returns the views to make.
   *
   * @return (N, 3, S, S) in [-1, 1], on white
   */
  public float[] target() {
    return target;
  }

  /**
   * Returns the camera moves.
   *
   * @return (N, 16) as {@link RelativePose#features} says
   */
  public float[] pose() {
    return pose;
  }

  /**
   * Returns what each sample's noise and dropout are seeded with.
   *
   * @return N seeds
   */
  public long[] sampleSeeds() {
    return pairs.stream().mapToLong(ViewPair::sampleSeed).toArray();
  }

  /**
   * Copies the batch to a device.
   *
   * @param manager owns the arrays and says where they live
   * @return float32 arrays named source (N, 3, S, S), target (N, 3, S, S) and pose (N, 16)
   */
  public NDList toNDList(NDManager manager) {
    Shape pictures = new Shape(size(), 3, pictureSize, pictureSize);
    NDArray sources = manager.create(source, pictures);
    NDArray targets = manager.create(target, pictures);
    NDArray poses = manager.create(pose, new Shape(size(), RelativePose.FEATURES));
    sources.setName("source");
    targets.setName("target");
    poses.setName("pose");
    return new NDList(sources, targets, poses);
  }
}
