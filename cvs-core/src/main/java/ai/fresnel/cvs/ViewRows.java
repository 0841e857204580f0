package ai.fresnel.cvs;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The network's inputs, one row per image, and its outputs as images. The rows are all samples of
 * the first target, then of the second, and so on.
 *
 * @param source the camera that moves start at
 * @param targets the cameras
 * @param sampling its seed and samples
 * @param size S, the model's image size
 */
record ViewRows(CameraPose source, List<CameraPose> targets, Sampling sampling, int size) {

  static ViewRows of(ViewRequest request, ModelConfig model) {
    return new ViewRows(request.source(), request.targets(), request.sampling(), model.imageSize());
  }

  int count() {
    return Math.multiplyExact(targets.size(), sampling.samples());
  }

  /** Returns the pose features of rows {@code from} to {@code to - 1}, (to - from, 16). */
  float[] poses(int from, int to) {
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, size);
    float[] all = new float[(to - from) * RelativePose.FEATURES];
    for (int i = from; i < to; i++) {
      float[] one = RelativePose.features(source, lens, target(i), lens);
      System.arraycopy(one, 0, all, (i - from) * one.length, one.length);
    }
    return all;
  }

  /** Returns the seeds of rows {@code from} to {@code to - 1}. */
  long[] seeds(int from, int to) {
    long[] seeds = new long[to - from];
    for (int i = from; i < to; i++) {
      seeds[i - from] = seed(i);
    }
    return seeds;
  }

  private CameraPose target(int row) {
    return targets.get(row / sampling.samples());
  }

  private long seed(int row) {
    return sampling.seed() + row % sampling.samples();
  }

  /**
   * Makes views from the network's values.
   *
   * @param values (rows, 3, S, S), clipped to [-1, 1]
   * @param offset the row of values that belongs to {@code from}
   * @param from the first row of this request, inclusive
   * @param to the last row of this request, exclusive
   */
  List<ViewResult.View> views(float[] values, int offset, int from, int to) {
    List<ViewResult.View> views = new ArrayList<>();
    for (int i = from; i < to; i++) {
      views.add(new ViewResult.View(image(values, offset + i - from), target(i), seed(i)));
    }
    return views;
  }

  private Image image(float[] values, int row) {
    int plane = size * size;
    int[] argb = new int[plane];
    for (int i = 0; i < plane; i++) {
      int at = 3 * plane * row + i;
      argb[i] =
          0xFF000000
              | level(values[at]) << 16
              | level(values[at + plane]) << 8
              | level(values[at + 2 * plane]);
    }
    return ImageFactory.getInstance().fromPixels(argb, size, size);
  }

  private static int level(float value) {
    return Math.round(Math.min(1, Math.max(-1, value)) * 127.5f + 127.5f);
  }
}
