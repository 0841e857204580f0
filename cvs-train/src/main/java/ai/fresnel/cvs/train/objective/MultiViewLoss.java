package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Compares two predicted views of one object: each with the other, warped through the true depth by
 * {@link ViewWarp}. It is the mean absolute difference over the pixels that both see, the
 * photometric loss of view synthesis (Zhou et al. 2017, equation 1) with both images predicted and
 * gradients to both. A sample whose partner sees nothing of it has loss 0.
 *
 * <p>Target: the position of each pixel in the image of the partner and whether it is visible there
 * (N, 3, S, S); rows 2i and 2i + 1 are partners. Output: f(x, sigma) (N, ...), states of a codec
 * whose images are (N, C, S, S).
 */
public final class MultiViewLoss extends TargetLoss {

  private static final TorchFunction LOSS =
      TorchFunction.of(
          "image: Tensor, other: Tensor, where: Tensor, weight: Tensor",
          """
          seen = torch.slice(where, 1, 2, 3)
          d = torch.mean(torch.abs(image - other) * seen, [1])
          count = torch.clamp(torch.sum(torch.flatten(seen, 1), [1]), 1.)
          return torch.div(torch.sum(torch.flatten(d, 1), [1]), count) * weight
          """);

  private final StateCodec codec;

  /**
   * Creates the loss.
   *
   * @param codec decodes states into images
   */
  public MultiViewLoss(StateCodec codec) {
    super("multi_view");
    this.codec = codec;
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, Label label) {
    NDArray where = label.target();
    NDArray images = codec.decode(output);
    return LOSS.call(images, ViewWarp.warp(images, where), where, label.weight());
  }
}
