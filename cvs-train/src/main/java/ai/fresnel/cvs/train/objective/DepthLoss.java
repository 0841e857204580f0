package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Compares the depth of a network with the true depth. It is the mean absolute difference of the
 * logarithms over the pixels of the object, which depends on the ratio of the depths and not on the
 * scale of the scene, plus the cross-entropy of the object mask over all pixels, since a background
 * has no depth. The logarithms follow Eigen et al. 2014, section 3.2. The absolute difference
 * follows Ma and Karaman 2018, who found it better than the squared one; at a silhouette, both
 * depths are plausible.
 *
 * <p>Target: the depth (N, 1, S, S), 0 where there is nothing. Output: the logarithm of the depth
 * and the logit of the mask, (N, 2, S, S).
 */
public final class DepthLoss extends TargetLoss {

  private static final TorchFunction LOSS =
      TorchFunction.of(
          "depth: Tensor, weight: Tensor, prediction: Tensor",
          """
          z = torch.flatten(depth, 1)
          there = torch.type_as(torch.gt(z, 0.), z)
          p = torch.flatten(prediction, 2)
          d = torch.abs(torch.select(p, 1, 0) - torch.log(z + (1. - there))) * there
          far = torch.div(torch.sum(d, [1]), torch.clamp(torch.sum(there, [1]), 1.))
          logit = torch.select(p, 1, 1)
          mask = torch.mean(torch.softplus(logit) - logit * there, [1])
          return (far + mask) * weight
          """);

  /** Creates the loss. */
  public DepthLoss() {
    super("depth");
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, Label label) {
    return LOSS.call(label.target(), label.weight(), output);
  }
}
