package ai.fresnel.cvs.train.data;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.train.viewset.Rgba;
import ai.fresnel.cvs.train.viewset.View;
import java.util.ArrayList;
import java.util.List;

/** Builds a {@link ViewBatch} from pairs, augmented by their seeds. */
public final class BatchBuilder {

  private static final long AUGMENTATION_STREAM = 0x5A3C_0003L;

  private final int viewsPerSource;
  private final int imageSize;
  private final Augmentation augmentation;
  private final List<ViewPair> pairs = new ArrayList<>();
  private final float[] source;
  private final float[] target;
  private final float[] pose;

  /** Null without depth. */
  private final ViewBatch.Depths depths;

  /**
   * Starts a batch.
   *
   * @param size N, the number of pairs, a multiple of V
   * @param viewsPerSource V, the number of consecutive pairs with one source
   * @param imageSize S, the side of the images in pixels
   * @param augmentation the changes of the pairs
   * @param withDepth whether the batch holds the depth of all views
   * @throws IllegalArgumentException if N is no multiple of V
   */
  public BatchBuilder(
      int size, int viewsPerSource, int imageSize, Augmentation augmentation, boolean withDepth) {
    if (size % viewsPerSource != 0) {
      throw new IllegalArgumentException(
          size + " pairs, expected a multiple of " + viewsPerSource + " views a source");
    }
    this.viewsPerSource = viewsPerSource;
    this.imageSize = imageSize;
    this.augmentation = augmentation;
    source = new float[size * 3 * imageSize * imageSize];
    target = new float[source.length];
    pose = new float[size * RelativePose.FEATURES];
    depths = withDepth ? new ViewBatch.Depths(size * imageSize * imageSize) : null;
  }

  /**
   * Adds two views, composited on white.
   *
   * @param pair the pair
   * @param from the source view, S×S, with depth if the batch holds depth
   * @param to the target view, likewise
   * @throws IllegalArgumentException if a view lacks depth
   */
  public void add(ViewPair pair, View from, View to) {
    long draws = draws(pair);
    if (depths != null) {
      putDepths(draws, depth(from, "source"), depth(to, "target"));
    }
    add(
        pair,
        draws,
        put(draws, 0, from.intrinsics(), Rgba.onWhite(from.rgba()), Rgba.alpha(from.rgba())),
        from.pose(),
        put(draws, 1, to.intrinsics(), Rgba.onWhite(to.rgba()), Rgba.alpha(to.rgba())),
        to.pose());
  }

  /** Adds two views of a decoded object. */
  void add(ViewPair pair, DecodedObject object) {
    long draws = draws(pair);
    int from = pair.source();
    int to = pair.target();
    if (depths != null) {
      putDepths(draws, object.depths[from], object.depths[to]);
    }
    add(
        pair,
        draws,
        put(draws, 0, object.intrinsics, object.colours[from], object.alphas[from]),
        object.poses[from],
        put(draws, 1, object.intrinsics, object.colours[to], object.alphas[to]),
        object.poses[to]);
  }

  /** Returns the seed of the random draws of a pair. */
  static long draws(ViewPair pair) {
    return SplitMix64.draw(pair.sampleSeed(), AUGMENTATION_STREAM);
  }

  /**
   * Stores an image of a pair.
   *
   * @param which 0 for the source, 1 for the target
   * @param colours (3, S, S) on white
   * @param alpha (S, S)
   * @return the lens after augmentation
   */
  private Intrinsics put(long draws, int which, Intrinsics lens, byte[] colours, byte[] alpha) {
    float[] all = which == 0 ? source : target;
    int at = pairs.size() * 3 * imageSize * imageSize;
    Rgba.toSigned(colours, all, at);
    if (augmentation.jitters()) {
      augmentation.jitter(draws, all, at, imageSize * imageSize);
    }
    float[] background = augmentation.background(draws);
    if (background != null) {
      Pixels.putBehind(all, at, alpha, background);
    }
    if (augmentation.mirrors(draws)) {
      Pixels.mirror(all, at, imageSize, 3);
    }
    if (augmentation.zoom() == 0) {
      return lens;
    }
    double zoom = augmentation.zoom(draws, which);
    Pixels.zoom(all, at, imageSize, zoom);
    return new Intrinsics(
        zoom * lens.fx(), zoom * lens.fy(), lens.cx(), lens.cy(), lens.width(), lens.height());
  }

  private static float[] depth(View view, String what) {
    return view.depth()
        .orElseThrow(
            () -> new IllegalArgumentException("a " + what + " has no depth, expected one"));
  }

  private void putDepths(long draws, float[] from, float[] to) {
    putDepth(draws, 0, from, depths.source);
    putDepth(draws, 1, to, depths.target);
  }

  /** Stores the depth of a view, changed like its image. */
  private void putDepth(long draws, int which, float[] map, float[] all) {
    int at = pairs.size() * map.length;
    System.arraycopy(map, 0, all, at, map.length);
    if (augmentation.mirrors(draws)) {
      Pixels.mirror(all, at, imageSize, 1);
    }
    if (augmentation.zoom() != 0) {
      Pixels.zoomDepth(all, at, imageSize, augmentation.zoom(draws, which));
    }
  }

  private void add(
      ViewPair pair,
      long draws,
      Intrinsics fromLens,
      CameraPose fromPose,
      Intrinsics toLens,
      CameraPose toPose) {
    boolean mirrored = augmentation.mirrors(draws);
    float[] features =
        RelativePose.features(
            mirrored ? fromPose.mirrored() : fromPose,
            fromLens,
            mirrored ? toPose.mirrored() : toPose,
            toLens);
    System.arraycopy(
        features, 0, pose, pairs.size() * RelativePose.FEATURES, RelativePose.FEATURES);
    pairs.add(pair);
  }

  /**
   * Returns the batch.
   *
   * @return all added pairs
   * @throws IllegalStateException if pairs are missing
   */
  public ViewBatch build() {
    if (pairs.size() * RelativePose.FEATURES != pose.length) {
      throw new IllegalStateException(
          pairs.size() + " pairs, expected " + pose.length / RelativePose.FEATURES);
    }
    return new ViewBatch(pairs, viewsPerSource, imageSize, source, target, pose, depths);
  }
}
