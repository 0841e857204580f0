package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewBatch;
import java.io.IOException;

/** A baseline that ignores its input and returns the mean of all training images. */
public final class MeanTrainingImage implements ViewPredictor {

  private final TrainingViews views;

  /**
   * Makes the baseline.
   *
   * @param views the training images
   */
  public MeanTrainingImage(TrainingViews views) {
    this.views = views;
  }

  @Override
  public String name() {
    return "mean-training-image";
  }

  @Override
  public float[] predict(ViewBatch batch, int sampleIndex) throws IOException {
    int size = 3 * batch.imageSize() * batch.imageSize();
    float[] images = new float[batch.size() * size];
    for (int i = 0; i < batch.size(); i++) {
      float[] mean = views.mean(batch.pairs().get(i).object());
      System.arraycopy(mean, 0, images, i * size, size);
    }
    return images;
  }
}
