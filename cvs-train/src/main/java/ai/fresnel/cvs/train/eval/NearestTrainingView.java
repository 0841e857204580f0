package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.geometry.Rotation6d;
import ai.fresnel.cvs.train.data.ViewBatch;
import java.io.IOException;
import java.util.Arrays;

/**
 * A baseline that retrieves: it returns a view of the training object that looks most like the
 * source, from the camera nearest to the target.
 *
 * <ol>
 *   <li>v is the training image nearest to the source image by the squared distance of their {@link
 *       Thumbnail}s; the first of equals.
 *   <li>The move of the pair is applied to the camera of v. Its rotation R_v (world to camera)
 *       becomes R·R_v, with R from source to target, and its viewing direction is the third row.
 *   <li>The result is the view of the object of v, including v, whose viewing direction has the
 *       smallest angle to it; the first of equals. Its image is returned unchanged.
 * </ol>
 */
public final class NearestTrainingView implements ViewPredictor {

  private final TrainingViews views;

  /**
   * Makes the baseline.
   *
   * @param views the training images
   */
  public NearestTrainingView(TrainingViews views) {
    this.views = views;
  }

  @Override
  public String name() {
    return "nearest-training-view";
  }

  @Override
  public float[] predict(ViewBatch batch, int sampleIndex) throws IOException {
    int size = 3 * batch.imageSize() * batch.imageSize();
    float[] images = new float[batch.size() * size];
    for (int i = 0; i < batch.size(); i++) {
      float[] source = Arrays.copyOfRange(batch.source(), i * size, (i + 1) * size);
      int nearest = views.nearest(source, batch.pairs().get(i).object());
      int answer = views.towards(nearest, moved(batch.pose(), i, views.rotation(nearest)));
      System.arraycopy(views.image(answer), 0, images, i * size, size);
    }
    return images;
  }

  /** Returns the viewing direction after the move, the third row of R·R_v. */
  private static double[] moved(float[] poses, int index, double[] rotation) {
    double[] six = new double[6];
    for (int i = 0; i < 6; i++) {
      six[i] = poses[index * RelativePose.FEATURES + i];
    }
    double[] move = Rotation6d.decode(six);
    double[] forward = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int i = 0; i < 3; i++) {
        forward[i] += move[6 + row] * rotation[3 * row + i];
      }
    }
    return forward;
  }
}
