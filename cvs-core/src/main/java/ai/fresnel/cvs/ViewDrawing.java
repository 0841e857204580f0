package ai.fresnel.cvs;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.Progress;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.view.ViewSampler;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the views of an encoded object batch by batch.
 *
 * @param sampler its settings and batch
 * @param steps network passes, 0 for the model's own number
 */
record ViewDrawing(ViewSampler sampler, int steps) {

  /**
   * Draws.
   *
   * @param scope an open manager
   * @param object what to draw, on its device
   * @param rows from where, with which noise
   * @param progress gets the number of views drawn, after each batch; may be null
   */
  List<ViewResult.View> draw(
      NDManager scope, EncodedObject object, ViewRows rows, Progress progress) {
    int count = rows.count();
    List<ViewResult.View> views = new ArrayList<>();
    if (progress != null) {
      progress.reset("Drawing", count);
    }
    try {
      for (int from = 0; from < count; from += sampler.batch()) {
        int to = Math.min(count, from + sampler.batch());
        try (NDManager part = scope.newSubManager()) {
          Shape shape = new Shape(to - from, RelativePose.FEATURES);
          NDArray pose = part.create(rows.poses(from, to), shape);
          NDArray drawn = object.sample(sampler, pose, rows.seeds(from, to), steps);
          views.addAll(rows.views(drawn.toFloatArray(), 0, from, to));
        }
        if (progress != null) {
          progress.update(to);
        }
      }
    } finally {
      if (progress != null) {
        progress.end();
      }
    }
    return views;
  }
}
