package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * How far a network's depth is from the true one. Over the object's pixels, the mean absolute
 * difference of the depths' logarithms: of their ratio, whatever the scale of the scene (logarithms
 * as Eigen et al. 2014, section 3.2, the absolute difference as Ma and Karaman 2018, who found it
 * better than the squared one: at a silhouette either depth may be meant). To it is added, over all
 * pixels, the cross-entropy of there being an object, since a background has no depth.
 *
 * <p>Target: the depth (N, 1, S, S), 0 where there is nothing. Output: the logarithm of the depth
 * and the object's logit, (N, 2, S, S).
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
