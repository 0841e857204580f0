package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The weighted squared difference between the view that a network renders from its volume and the
 * truth, as images, averaged over elements. The truth is averaged to the size of the view. The
 * gradient reaches the encoders of the photograph in every sample, at any sigma, while that of a
 * denoising loss passes through the U-Net, which at low sigma does not need the photograph.
 *
 * <p>Target: x0 (N, C, S, S). Output: the view (N, C, G, G), S a multiple of G. Both are states of
 * a codec.
 */
public final class RenderingLoss extends TargetLoss {

  private static final TorchFunction AVERAGED =
      TorchFunction.of(
          "truth: Tensor, view: Tensor",
          """
          side = torch.floordiv(torch.size(truth, 2), torch.size(view, 2))
          return torch.avg_pool2d(truth, [side, side], [side, side])
          """);

  private final DenoisingLoss squares = new DenoisingLoss();
  private final StateCodec codec;

  /**
   * Creates the loss.
   *
   * @param codec decodes states into images
   */
  public RenderingLoss(StateCodec codec) {
    super("rendering");
    this.codec = codec;
  }

  /**
   * Averages images to the size of a view.
   *
   * @param truth (N, C, S, S)
   * @param view (N, C, G, G), S a multiple of G
   * @return (N, C, G, G), on the images' manager
   */
  public static NDArray averaged(NDArray truth, NDArray view) {
    return AVERAGED.call(truth, view);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, Label label) {
    NDArray truth = codec.decode(averaged(label.target(), output));
    return squares.perSample(codec.decode(output), new Label(truth, label.weight()));
  }
}
