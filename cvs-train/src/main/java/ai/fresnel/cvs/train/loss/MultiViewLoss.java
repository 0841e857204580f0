package ai.fresnel.cvs.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * How far two predicted views of one thing are from showing the same: each is compared with what
 * the other shows of the same surface, found through the true depth by {@link ViewWarp}. The mean
 * absolute difference over the pixels that both see, a photometric loss as that of view synthesis
 * (Zhou et al. 2017, equation 1) with both pictures predicted, and gradients to both. A sample
 * whose partner sees nothing of it has the loss 0.
 *
 * <p>Labels: where each pixel is in the partner's picture and whether it is seen there (N, 3, S,
 * S), and the weight (N); rows 2i and 2i + 1 are partners. Predictions: f(x, sigma) (N, ...),
 * states of a codec whose pictures are (N, C, S, S).
 */
public final class MultiViewLoss extends SampleLoss {

  private static final TorchFunction LOSS =
      TorchFunction.of(
          "picture: Tensor, other: Tensor, where: Tensor, weight: Tensor",
          """
          seen = torch.slice(where, 1, 2, 3)
          d = torch.mean(torch.abs(picture - other) * seen, [1])
          count = torch.clamp(torch.sum(torch.flatten(seen, 1), [1]), 1.)
          return torch.div(torch.sum(torch.flatten(d, 1), [1]), count) * weight
          """);

  private final PictureCodec codec;

  /**
   * Creates the loss.
   *
   * @param codec makes pictures of states
   */
  public MultiViewLoss(PictureCodec codec) {
    super("multi_view");
    this.codec = codec;
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDList labels, NDList predictions) {
    NDArray where = labels.get(0);
    NDArray pictures = codec.decode(predictions.get(0));
    return LOSS.call(pictures, ViewWarp.look(pictures, where), where, labels.get(1));
  }
}
