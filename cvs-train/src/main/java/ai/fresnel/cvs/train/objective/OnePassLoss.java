package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The weighted mean absolute difference between images drawn in one pass without noise and the
 * truth, and between their differences of neighbouring pixels. Squares would make what is unsure a
 * blur of all possibilities; the absolute difference favours their median, and that of neighbours
 * edges as steep as the truth's (Mathieu et al. 2016, "Deep multi-scale video prediction beyond
 * mean square error", equation 6 with exponent 1).
 *
 * <p>Target: x0 (N, C, S, S). Output: f(x, sigma) (N, C, S, S). Both are states of a codec.
 */
public final class OnePassLoss extends TargetLoss {

  private static final TorchFunction DIFFERENCE =
      TorchFunction.of(
          "target: Tensor, prediction: Tensor, weight: Tensor, edges: Tensor",
          """
          d = prediction - target
          across = torch.abs(torch.slice(d, 3, 1) - torch.slice(d, 3, 0, -1))
          down = torch.abs(torch.slice(d, 2, 1) - torch.slice(d, 2, 0, -1))
          sharp = torch.mean(torch.flatten(across, 1), [1]) + torch.mean(torch.flatten(down, 1), [1])
          return (torch.mean(torch.abs(torch.flatten(d, 1)), [1]) + sharp * edges) * weight
          """);

  private final StateCodec codec;
  private final double gradient;

  /**
   * Creates the loss.
   *
   * @param codec decodes states into images
   * @param gradient weight of the differences of neighbours, 0 or more
   */
  public OnePassLoss(StateCodec codec, double gradient) {
    super("onePass");
    this.codec = codec;
    this.gradient = gradient;
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, Label label) {
    NDArray truth = codec.decode(label.target());
    NDArray edges = label.weight().getManager().create((float) gradient);
    return DIFFERENCE.call(truth, codec.decode(output), label.weight(), edges);
  }
}
