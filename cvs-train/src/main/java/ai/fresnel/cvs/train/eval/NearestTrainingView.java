package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.geometry.Rotation6d;
import ai.fresnel.cvs.train.data.ViewBatch;
import java.io.IOException;
import java.util.Arrays;

/**
 * The baseline that only remembers: the training object that looks most like the photograph, from
 * the camera that the move leads to.
 *
 * <ol>
 *   <li>Of all training images, v is the one nearest to the source image, by the squared distance
 *       of their {@link Thumbnail}s; the first of equals.
 *   <li>The pair's move is applied to v's camera: a camera turned by R_v (world to camera) is
 *       turned by R·R_v, R the rotation from source to target, and looks along the third row of
 *       that.
 *   <li>Of the views of v's object, v included, the answer is the one whose viewing direction makes
 *       the smallest angle with it; the first of equals. Its image is taken as it is.
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
      int nearest = views.nearest(source);
      int answer = views.towards(nearest, moved(batch.pose(), i, views.rotation(nearest)));
      System.arraycopy(views.image(answer), 0, images, i * size, size);
    }
    return images;
  }

  /** The viewing direction after the move: the third row of R·R_v. */
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
