package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.train.eval.Lpips;

/**
 * LPIPS (Zhang et al. 2018) between the pictures of two states, weighted and averaged over samples.
 * Its networks were trained on photographs of 224 pixels; of pictures much below 128 they see
 * little.
 *
 * <p>Labels: the target (N, ...) and the weight (N). Predictions: f(x, sigma) (N, ...). Both are
 * states of a codec whose pictures are (N, 3, S, S) in [-1, 1].
 */
public final class PerceptualLoss extends SampleLoss {

  private final Lpips lpips;
  private final PictureCodec codec;

  /**
   * Creates the loss.
   *
   * @param lpips compares pictures; stays the caller's to close
   * @param codec makes pictures of states
   */
  public PerceptualLoss(Lpips lpips, PictureCodec codec) {
    super("perceptual");
    this.lpips = lpips;
    this.codec = codec;
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDList labels, NDList predictions) {
    NDArray predicted = codec.decode(predictions.get(0));
    NDArray target = codec.decode(labels.get(0));
    return lpips.distance(predicted, target).mul(labels.get(1));
  }
}
