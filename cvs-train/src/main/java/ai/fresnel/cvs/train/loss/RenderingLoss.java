package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The weighted squared difference of the view that a network renders of its volume from the truth,
 * as pictures, averaged over elements; the truth is averaged to the view's size. It reaches the
 * encoders of the photograph in each sample, however noisy, where a denoiser's loss has to go
 * through the U-Net and at low noise does without the photograph.
 *
 * <p>Labels: x0 (N, C, S, S) and the weight (N). Predictions: the view (N, C, G, G), S a multiple
 * of G. Both are states of a codec.
 */
public final class RenderingLoss extends SampleLoss {

  private static final TorchFunction AVERAGED =
      TorchFunction.of(
          "truth: Tensor, view: Tensor",
          """
          side = torch.floordiv(torch.size(truth, 2), torch.size(view, 2))
          return torch.avg_pool2d(truth, [side, side], [side, side])
          """);

  private final SampleLoss squares = new DenoisingLoss();
  private final PictureCodec codec;

  /**
   * Creates the loss.
   *
   * @param codec makes pictures of states
   */
  public RenderingLoss(PictureCodec codec) {
    super("rendering");
    this.codec = codec;
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDList labels, NDList predictions) {
    NDArray view = predictions.get(0);
    NDArray truth = codec.decode(AVERAGED.call(labels.get(0), view));
    return squares.perSample(new NDList(truth, labels.get(1)), new NDList(codec.decode(view)));
  }
}
