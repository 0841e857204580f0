package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Compares the opacity of a rendered view with the object's mask: the cross-entropy, averaged over
 * the positions of the view. The mask of a position is the share of the pixels in it that have a
 * depth.
 *
 * <p>Target: the depth (N, 1, S, S), 0 where there is nothing. Output: the opacity (N, 1, G, G) in
 * [0, 1], S a multiple of G.
 */
public final class OpacityLoss extends TargetLoss {

  /** Keeps logarithms finite. */
  private static final double LEAST = 1e-3;

  private static final TorchFunction LOSS =
      TorchFunction.of(
          "depth: Tensor, weight: Tensor, opacity: Tensor",
          """
          side = torch.floordiv(torch.size(depth, 2), torch.size(opacity, 2))
          mask = torch.avg_pool2d(torch.type_as(torch.gt(depth, 0.), depth), [side, side], [side, side])
          p = torch.to(opacity, 6) * %1$s + %2$s
          clear = torch.rsub(p, 1.)
          e = mask * torch.log(p) + torch.rsub(mask, 1.) * torch.log(clear)
          return torch.neg(torch.mean(torch.flatten(e, 1), [1])) * weight
          """
              .formatted(1 - 2 * LEAST, LEAST));

  /** Creates the loss. */
  public OpacityLoss() {
    super("opacity");
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, Label label) {
    return LOSS.call(label.target(), label.weight(), output);
  }
}
