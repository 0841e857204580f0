package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The data of all training images that baselines need: the mean image, and a thumbnail and the
 * camera of each. Reads one image at a time and holds about 3 kB for each. Immutable.
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

  private final int imageSize;
  private final float[] mean;
  private final List<Entry> entries;

  private TrainingViews(int imageSize, float[] mean, List<Entry> entries) {
    this.imageSize = imageSize;
    this.mean = mean;
    this.entries = entries;
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
    float[] mean = new float[sums.length];
    for (int k = 0; k < mean.length; k++) {
      mean[k] = (float) (sums[k] / entries.size());
    }
    return new TrainingViews(size, mean, entries);
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
   * Returns the mean of all images.
   *
   * @return (3, S, S) in [-1, 1]; a new array
   */
  public float[] mean() {
    return mean.clone();
  }

  /** Returns the view whose thumbnail is nearest to that of an image (3, S, S). */
  int nearest(float[] image) {
    if (image.length != mean.length) {
      throw new IllegalArgumentException(
          "image has " + image.length + " values, but training images have " + mean.length);
    }
    float[] thumbnail = Thumbnail.of(image, imageSize);
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < entries.size(); i++) {
      double distance = Thumbnail.distance(thumbnail, entries.get(i).thumbnail, least);
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
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
