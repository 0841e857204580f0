package ai.fresnel.cvs.train.eval;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewSampler;

/** The view that a model renders of its volume: what its passes should make better. */
public final class VolumeView implements ViewPredictor {

  private final ViewSampler sampler;
  private final NDManager manager;

  /**
   * Makes a predictor of a model's volume.
   *
   * @param sampler draws from a network with a volume
   * @param manager on the device of the network
   */
  public VolumeView(ViewSampler sampler, NDManager manager) {
    this.sampler = sampler;
    this.manager = manager;
  }

  @Override
  public String name() {
    return "volume";
  }

  @Override
  public boolean drawsOwnView() {
    return true;
  }

  @Override
  public float[] predict(ViewBatch batch, int sampleIndex) {
    try (NDManager sub = manager.newSubManager()) {
      ViewContext context = batch.on(sub).context();
      return sampler.render(context.sourceOfEachView(), context.cameras()).toFloatArray();
    }
  }
}
