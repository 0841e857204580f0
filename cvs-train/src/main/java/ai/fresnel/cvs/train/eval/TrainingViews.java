package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The data of all training images that baselines need: their sum, and a thumbnail and the camera of
 * each. Reads one image at a time and holds about 3 kB for each. Immutable.
 *
 * <p>An evaluated object may be a training object itself: where a whole set is evaluated that no
 * model was trained on, or the training split. Then its own images and those of its variants answer
 * nothing about it ({@link #leavingOut}).
 */
public final class TrainingViews {

  private static final class Entry {
    final ViewObject object;
    final int view;
    final double[] rotation;
    final float[] thumbnail;

    Entry(ViewObject object, int index, View view, float[] thumbnail) {
      this.object = object;
      this.view = index;
      this.rotation = view.pose().rotation();
      this.thumbnail = thumbnail;
    }
  }

  private final ViewSet set;
  private final int imageSize;
  private final double[] sums;
  private final List<Entry> entries;

  /** The training objects that answer nothing about an evaluated object, by its number. */
  private final List<Set<String>> leftOut;

  private TrainingViews(
      ViewSet set, int imageSize, double[] sums, List<Entry> entries, List<Set<String>> leftOut) {
    this.set = set;
    this.imageSize = imageSize;
    this.sums = sums;
    this.entries = entries;
    this.leftOut = leftOut;
  }

  /**
   * Reads the training split.
   *
   * @param set the view set; all images square and of one size
   * @param progress hears about every object
   * @return the training views
   * @throws IOException if the split is empty, a file is damaged or the sizes differ
   */
  public static TrainingViews read(ViewSet set, EvaluationProgress progress) throws IOException {
    List<String> ids = set.ids(Split.TRAIN);
    if (ids.isEmpty()) {
      throw new IOException(set.root() + ": no objects in split TRAIN, expected at least 1");
    }
    List<Entry> entries = new ArrayList<>();
    int size = 0;
    double[] sums = null;
    for (int i = 0; i < ids.size(); i++) {
      ViewObject object = set.object(ids.get(i));
      for (int v = 0; v < object.size(); v++) {
        View view = object.read(v);
        Intrinsics lens = view.intrinsics();
        if (sums == null) {
          size = lens.width();
          sums = new double[3 * size * size];
        }
        if (lens.width() != size || lens.height() != size) {
          throw new IOException(
              "%s: view %d of %s is %d×%d pixels, expected %d×%d like the first"
                  .formatted(set.root(), v, ids.get(i), lens.width(), lens.height(), size, size));
        }
        float[] image = view.onWhite();
        for (int k = 0; k < sums.length; k++) {
          sums[k] += image[k];
        }
        entries.add(new Entry(object, v, view, Thumbnail.of(image, size)));
      }
      progress.update(i + 1, ids.size(), ids.get(i));
    }
    return new TrainingViews(set, size, sums, entries, List.of());
  }

  /**
   * Leaves out what would give an answer away: for an evaluated object that is in the training
   * split of this set, its own views and those of its variants. For other objects nothing is left
   * out, since splits keep variants together.
   *
   * @param evaluated the objects that are evaluated
   * @return the views for pairs of these objects
   * @throws IOException if a {@code meta.json} is damaged, or all training objects are variants of
   *     an evaluated one
   */
  public TrainingViews leavingOut(ViewPairDataset evaluated) throws IOException {
    Set<String> training = new TreeSet<>(set.ids(Split.TRAIN));
    Map<String, List<String>> variants = set.variants();
    List<Set<String>> out = new ArrayList<>();
    for (int i = 0; i < evaluated.objects(); i++) {
      String id = evaluated.id(i);
      Set<String> own = new TreeSet<>();
      if (training.contains(id)) {
        own.addAll(variants.get(id));
        own.retainAll(training);
      }
      if (own.size() == training.size()) {
        throw new IOException(
            "%s: all training objects are variants of %s, which is evaluated; expected others for"
                    .formatted(set.root(), id)
                + " the baselines");
      }
      out.add(own);
    }
    return new TrainingViews(set, imageSize, sums, entries, List.copyOf(out));
  }

  /**
   * Counts the evaluated objects for which training objects are left out.
   *
   * @return 0 or more
   */
  public int overlap() {
    return (int) leftOut.stream().filter(own -> !own.isEmpty()).count();
  }

  /**
   * Returns the number of images.
   *
   * @return 1 or more
   */
  public int size() {
    return entries.size();
  }

  /**
   * Returns the mean of the images that may answer about an evaluated object.
   *
   * @param object the number of the evaluated object
   * @return (3, S, S) in [-1, 1]; a new array
   * @throws IOException if an image that is left out cannot be read
   */
  float[] mean(int object) throws IOException {
    double[] sum = sums.clone();
    int count = entries.size();
    Set<String> own = leftOut(object);
    for (int i = 0; !own.isEmpty() && i < entries.size(); i++) {
      if (own.contains(entries.get(i).object.id())) {
        float[] image = image(i);
        for (int k = 0; k < sum.length; k++) {
          sum[k] -= image[k];
        }
        count--;
      }
    }
    float[] mean = new float[sum.length];
    for (int k = 0; k < mean.length; k++) {
      mean[k] = (float) (sum[k] / count);
    }
    return mean;
  }

  /**
   * Returns the view whose thumbnail is nearest to that of an image (3, S, S), of those that may
   * answer about an evaluated object.
   */
  int nearest(float[] image, int object) {
    if (image.length != sums.length) {
      throw new IllegalArgumentException(
          "image has " + image.length + " values, but training images have " + sums.length);
    }
    float[] thumbnail = Thumbnail.of(image, imageSize);
    Set<String> own = leftOut(object);
    int nearest = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (!own.isEmpty() && own.contains(entry.object.id())) {
        continue;
      }
      double distance = Thumbnail.distance(thumbnail, entry.thumbnail, least);
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
  }

  private Set<String> leftOut(int object) {
    return leftOut.isEmpty() ? Set.of() : leftOut.get(object);
  }

  /** Returns the view of the same object whose direction is nearest to a direction in the world. */
  int towards(int view, double[] forward) {
    ViewObject object = entries.get(view).object;
    int first = view - entries.get(view).view;
    int best = first;
    double bestCosine = Double.NEGATIVE_INFINITY;
    for (int i = first; i < first + object.size(); i++) {
      double[] r = entries.get(i).rotation;
      double cosine = r[6] * forward[0] + r[7] * forward[1] + r[8] * forward[2];
      if (cosine > bestCosine) {
        bestCosine = cosine;
        best = i;
      }
    }
    return best;
  }

  /**
   * Returns the rotation from world to camera of a view, 9 values row by row; not copied, do not
   * change it.
   */
  double[] rotation(int view) {
    return entries.get(view).rotation;
  }

  /** Reads the image of a view from disk, (3, S, S) in [-1, 1]. */
  float[] image(int view) throws IOException {
    Entry entry = entries.get(view);
    return entry.object.read(entry.view).onWhite();
  }
}
