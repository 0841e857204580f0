package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewBatch;

/** A baseline that returns the source image unchanged. */
public final class CopyInput implements ViewPredictor {

  /** Makes the baseline. */
  public CopyInput() {}

  @Override
  public String name() {
    return "copy-input";
  }

  @Override
  public float[] predict(ViewBatch batch, int sampleIndex) {
    return batch.source().clone();
  }
}
