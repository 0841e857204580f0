package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.viewset.DamagedFile;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.Rgba;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws random pairs of views of one split. The views are decoded at the start and held in memory
 * (4 bytes a pixel, 8 with depth).
 *
 * <p>Sample j of a seed is a pure function of (seed, j), and batch k holds samples k·N to k·N + N −
 * 1: the same on every thread, after every restart, in any order. An object is drawn evenly, then a
 * source, then another view as the target, unless the object has only one. Safe for use by several
 * threads.
 *
 * <p>{@link #asDataset} is the view for DJL's training loop. This is not a DJL {@code
 * RandomAccessDataset}: that makes one NDArray an image and stacks them, and its samplers keep a
 * position that a restart would lose.
 */
public final class ViewPairDataset implements PairSource {

  private final PairOptions options;
  private final PairSampler sampler;
  private final List<DecodedObject> objects;
  private final int imageSize;

  private ViewPairDataset(PairOptions options, List<DecodedObject> objects, int imageSize) {
    this.options = options;
    this.sampler = new PairSampler(options);
    this.objects = objects;
    this.imageSize = imageSize;
  }

  /**
   * Reads and decodes all views of a split.
   *
   * @param set the view set; all images square and of one size
   * @param split which of its objects
   * @param options which pairs to draw
   * @return the data set
   * @throws IOException if the split is empty, a file is damaged, the sizes differ or the images
   *     take more than {@link PairOptions#maxBytes}
   * @throws IllegalArgumentException if an option is out of its range
   */
  public static ViewPairDataset load(ViewSet set, Split split, PairOptions options)
      throws IOException {
    List<String> ids = set.ids(split);
    if (ids.isEmpty()) {
      throw DamagedFile.error(set.root(), "no objects in split " + split, "at least 1");
    }
    return load(set, ids, options);
  }

  /**
   * Reads and decodes all views of some objects.
   *
   * @param set the view set; all images square and of one size
   * @param ids the objects' names, at least one
   * @param options which pairs to draw
   * @return the data set
   * @throws IOException as above
   * @throws IllegalArgumentException if an option is out of its range
   */
  public static ViewPairDataset load(ViewSet set, List<String> ids, PairOptions options)
      throws IOException {
    if (options.batchSize() < 1) {
      throw new IllegalArgumentException(options + ": expected a batch size of at least 1");
    }
    List<ViewObject> found = new ArrayList<>();
    long views = 0;
    for (String id : ids) {
      ViewObject object = set.object(id);
      found.add(object);
      views += object.size();
    }
    Intrinsics first = found.get(0).read(0).intrinsics();
    int size = first.width();
    long bytes = views * options.bytesPerPixel() * size * size;
    if (bytes > options.maxBytes()) {
      throw DamagedFile.error(
          set.root(),
          views + " views of " + size + " pixels take " + bytes + " bytes",
          "at most " + options.maxBytes() + ": allow more memory or use a smaller set");
    }
    List<DecodedObject> objects = decode(found, options.depth());
    for (DecodedObject object : objects) {
      Intrinsics lens = object.intrinsics;
      if (lens.width() != size || lens.height() != size) {
        throw DamagedFile.error(
            set.root().resolve(object.id),
            lens.width() + "×" + lens.height() + " pixels",
            size + "×" + size + " like the first object");
      }
    }
    return new ViewPairDataset(options, objects, size);
  }

  /**
   * Says whether a split fits into memory. {@link StreamedPairs} draws from larger ones.
   *
   * @param set the view set
   * @param split which of its objects
   * @param options the limit of memory
   * @return true if {@link #load} accepts its size
   * @throws IOException if an object is damaged
   */
  public static boolean fits(ViewSet set, Split split, PairOptions options) throws IOException {
    long bytes = 0;
    for (String id : set.ids(split)) {
      ViewObject object = set.object(id);
      Intrinsics lens = object.meta().map(ObjectMeta::intrinsics).orElse(null);
      lens = lens == null ? object.read(0).intrinsics() : lens;
      bytes += object.size() * options.bytesPerPixel() * lens.width() * lens.height();
    }
    return bytes <= options.maxBytes();
  }

  private static List<DecodedObject> decode(List<ViewObject> found, boolean depth)
      throws IOException {
    try {
      return found.parallelStream()
          .map(
              object -> {
                try {
                  return new DecodedObject(object, depth);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Returns the number of objects.
   *
   * @return 1 or more
   */
  public int objects() {
    return objects.size();
  }

  /**
   * Returns an object's name in its view set.
   *
   * @param object its index
   * @return its id
   */
  public String id(int object) {
    return objects.get(object).id;
  }

  /**
   * Returns the number of views of an object.
   *
   * @param object its index
   * @return 1 or more
   */
  public int views(int object) {
    return objects.get(object).poses.length;
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
   * Returns an image.
   *
   * @param object the object's index
   * @param view the view's index
   * @return (3, S, S) in [-1, 1], on white; a new array
   */
  public float[] image(int object, int view) {
    float[] image = new float[3 * imageSize * imageSize];
    Rgba.toSigned(objects.get(object).colours[view], image, 0);
    return image;
  }

  /**
   * Returns the mask of the object in an image.
   *
   * @param object the object's index
   * @param view the view's index
   * @return alpha, (S, S) in [0, 1]; a new array
   */
  public float[] mask(int object, int view) {
    byte[] alpha = objects.get(object).alphas[view];
    float[] mask = new float[alpha.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (alpha[i] & 0xff) / 255f;
    }
    return mask;
  }

  /**
   * Returns the depth of a view, if the options ask for depth.
   *
   * @param object the object's index
   * @param view the view's index
   * @return (S, S) in world units, 0 where there is nothing; a new array
   * @throws IllegalStateException if the set was loaded without depth
   */
  public float[] depth(int object, int view) {
    if (!options.depth()) {
      throw new IllegalStateException("loaded without depth, expected PairOptions.withDepth");
    }
    return objects.get(object).depths[view].clone();
  }

  /**
   * Returns the camera of a view.
   *
   * @param object the object's index
   * @param view the view's index
   * @return its pose
   */
  public CameraPose pose(int object, int view) {
    return objects.get(object).poses[view];
  }

  /**
   * Returns the lens of an object's views.
   *
   * @param object the object's index
   * @return the intrinsics
   */
  public Intrinsics intrinsics(int object) {
    return objects.get(object).intrinsics;
  }

  @Override
  public ViewBatch batch(long index) {
    return gather(pairs(index), options.augmentation());
  }

  private List<ViewPair> pairs(long batch) {
    long first = batch * options.batchSize();
    return IntStream.range(0, options.batchSize()).mapToObj(i -> pair(first + i)).toList();
  }

  /**
   * Says whether {@link #resident} makes the batches in so much memory.
   *
   * @param maxBytes the most memory of the device for views
   * @return true if the views take no more, and none is enlarged
   */
  public boolean canReside(long maxBytes) {
    long views = objects.stream().mapToLong(object -> object.poses.length).sum();
    return options.augmentation().zoom() == 0
        && views * options.bytesPerPixel() * imageSize * imageSize <= maxBytes;
  }

  /**
   * Sends all views to a device, to make the same batches there.
   *
   * @param manager owns the views, on their device
   * @return the views
   * @throws IllegalArgumentException if views are enlarged, which only cores do
   */
  public ResidentViews resident(NDManager manager) {
    if (options.augmentation().zoom() > 0) {
      throw new IllegalArgumentException(
          "zoom is " + options.augmentation().zoom() + ", expected 0 for views on a device");
    }
    int[] first = new int[objects.size()];
    for (int i = 1; i < first.length; i++) {
      first[i] = first[i - 1] + objects.get(i - 1).poses.length;
    }
    return new ResidentViews(
        manager,
        options,
        objects,
        imageSize,
        index ->
            new PairDraws(pairs(index), objects, first, options.targets(), options.augmentation()));
  }

  /**
   * Draws a pair of the random series.
   *
   * @param sample its number, 0 or more
   * @return the pair
   */
  public ViewPair pair(long sample) {
    int object = SplitMix64.draw(sampler.draws(sample), 0, objects.size());
    return sampler.pair(sample, object, objects.get(object));
  }

  /**
   * Makes a batch of chosen pairs without augmentation, for evaluation.
   *
   * @param pairs the pairs
   * @return the batch, in that order
   */
  public ViewBatch gather(List<ViewPair> pairs) {
    return gather(pairs, Augmentation.NONE);
  }

  private ViewBatch gather(List<ViewPair> pairs, Augmentation augmentation) {
    BatchBuilder batch =
        new BatchBuilder(pairs.size(), options.targets(), imageSize, augmentation, options.depth());
    for (ViewPair pair : pairs) {
      batch.add(pair, objects.get(pair.object()));
    }
    return batch.build();
  }
}
