package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewBatch;

/** A baseline that ignores its input and returns the mean of all training images. */
public final class MeanTrainingImage implements ViewPredictor {

  private final float[] mean;

  /**
   * Makes the baseline.
   *
   * @param views the training images
   */
  public MeanTrainingImage(TrainingViews views) {
    mean = views.mean();
  }

  @Override
  public String name() {
    return "mean-training-image";
  }

  @Override
  public float[] predict(ViewBatch batch, int sampleIndex) {
    float[] images = new float[batch.size() * mean.length];
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(mean, 0, images, i * mean.length, mean.length);
    }
    return images;
  }
}
