package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewBatch;

/** The baseline that looks at nothing: the mean of all training pictures, for every pair. */
public final class MeanTrainingPicture implements ViewPredictor {

  private final float[] mean;

  /**
   * Makes the baseline.
   *
   * @param views the training pictures
   */
  public MeanTrainingPicture(TrainingViews views) {
    mean = views.mean();
  }

  @Override
  public String name() {
    return "mean-training-picture";
  }

  @Override
  public float[] predict(ViewBatch batch, int sampleIndex) {
    float[] pictures = new float[batch.size() * mean.length];
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(mean, 0, pictures, i * mean.length, mean.length);
    }
    return pictures;
  }
}
