package ai.fresnel.cvs.train.data;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import java.util.ArrayList;
import java.util.List;

/** Puts pairs into a {@link ViewBatch}, augmented as their seeds say. */
public final class BatchBuilder {

  private static final long AUGMENTATION_STREAM = 0x5A3C_0003L;

  private final int pictureSize;
  private final Augmentation augmentation;
  private final List<ViewPair> pairs = new ArrayList<>();
  private final float[] source;
  private final float[] target;
  private final float[] pose;

  /**
   * Starts a batch.
   *
   * @param size N, how many pairs will be added
   * @param pictureSize S, the side of the pictures in pixels
   * @param augmentation how pairs are changed
   */
  public BatchBuilder(int size, int pictureSize, Augmentation augmentation) {
    this.pictureSize = pictureSize;
    this.augmentation = augmentation;
    source = new float[size * 3 * pictureSize * pictureSize];
    target = new float[source.length];
    pose = new float[size * RelativePose.FEATURES];
  }

  /**
   * Adds two views, composited on white.
   *
   * @param pair what they are
   * @param from the given view, S×S
   * @param to the view to make, S×S
   */
  public void add(ViewPair pair, View from, View to) {
    add(
        pair,
        from.intrinsics(),
        from.pose(),
        Pixels.onWhite(from.rgba()),
        to.pose(),
        Pixels.onWhite(to.rgba()));
  }

  /** Adds two views of a decoded object. */
  void add(ViewPair pair, DecodedObject object) {
    add(
        pair,
        object.intrinsics,
        object.poses[pair.source()],
        object.colours[pair.source()],
        object.poses[pair.target()],
        object.colours[pair.target()]);
  }

  /** Adds two pictures that are on white already, (3, S, S). */
  private void add(
      ViewPair pair,
      Intrinsics lens,
      CameraPose fromPose,
      byte[] fromColours,
      CameraPose toPose,
      byte[] toColours) {
    int at = pairs.size() * 3 * pictureSize * pictureSize;
    Pixels.toSigned(fromColours, source, at);
    Pixels.toSigned(toColours, target, at);
    CameraPose from = fromPose;
    CameraPose to = toPose;
    long draws = SplitMix64.draw(pair.sampleSeed(), AUGMENTATION_STREAM);
    if (augmentation.mirrors(draws)) {
      Pixels.mirror(source, at, pictureSize);
      Pixels.mirror(target, at, pictureSize);
      from = from.mirrored();
      to = to.mirrored();
    }
    if (augmentation.jitters()) {
      augmentation.jitter(draws, source, at, pictureSize * pictureSize);
      augmentation.jitter(draws, target, at, pictureSize * pictureSize);
    }
    float[] features = RelativePose.features(from, lens, to, lens);
    System.arraycopy(
        features, 0, pose, pairs.size() * RelativePose.FEATURES, RelativePose.FEATURES);
    pairs.add(pair);
  }

  /**
   * Returns the batch.
   *
   * @return all pairs that were added
   * @throws IllegalStateException unless there are as many as said
   */
  public ViewBatch build() {
    if (pairs.size() * RelativePose.FEATURES != pose.length) {
      throw new IllegalStateException(
          pairs.size() + " pairs, expected " + pose.length / RelativePose.FEATURES);
    }
    return new ViewBatch(pairs, pictureSize, source, target, pose);
  }
}
