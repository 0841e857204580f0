package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.train.lpips.Lpips;

/**
 * LPIPS (Zhang et al. 2018) between the images of two states, weighted and averaged over samples.
 * Its networks were trained on photographs of 224 pixels; they see little in images much smaller
 * than 128.
 *
 * <p>Target: (N, ...). Output: f(x, sigma) (N, ...). Both are states of a codec whose images are
 * (N, 3, S, S) in [-1, 1].
 */
public final class PerceptualLoss extends TargetLoss {

  private final Lpips lpips;
  private final StateCodec codec;

  /**
   * Creates the loss.
   *
   * @param lpips compares images; the caller closes it
   * @param codec decodes states into images
   */
  public PerceptualLoss(Lpips lpips, StateCodec codec) {
    super("perceptual");
    this.lpips = lpips;
    this.codec = codec;
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, Label label) {
    NDArray predicted = codec.decode(output);
    NDArray target = codec.decode(label.target());
    return lpips.distance(predicted, target).mul(label.weight());
  }
}
