package ai.fresnel.cvs.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.util.Map;

/**
 * RAdam (Liu et al. 2020, algorithm 2) over a whole model in one call, with AdamW's decoupled
 * weight decay, the gradients clipped to a global norm before and zeroed after. The first steps,
 * whose second moments rest on too few gradients to divide by, follow the mean gradient instead.
 */
final class RAdam implements ModelOptimizer {

  // h: 1 - beta1, beta2, 1 - beta2, epsilon, what decay leaves, clip, minus the step's length,
  // whether it is divided by the second moment, the gradients' scale.
  private static final TorchFunction STEP =
      TorchFunction.of(
          "p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], h: Tensor",
          """
          scaled = torch.norm(torch.stack(torch._foreach_norm(g, 2), 0), 2)
          norm = torch.div(scaled, float(h[8]))
          if bool(torch.isfinite(norm)):
            clip = torch.clamp(torch.div(norm, float(h[5])), 1.)
            torch._foreach_div_(g, float(torch.mul(clip, float(h[8]))))
            torch._foreach_lerp_(m, g, float(h[0]))
            torch._foreach_mul_(v, float(h[1]))
            torch._foreach_addcmul_(v, g, g, float(h[2]))
            torch._foreach_mul_(p, float(h[4]))
            if bool(torch.gt(h[7], 0)):
              d = torch._foreach_sqrt(v)
              torch._foreach_add_(d, float(h[3]))
              torch._foreach_addcdiv_(p, m, d, float(h[6]))
            else:
              torch._foreach_add_(p, m, alpha=float(h[6]))
          torch._foreach_zero_(g)
          return norm
          """);

  private final AdamMoments moments;
  private final TrainingConfig config;

  RAdam(NDManager manager, Map<String, NDArray> parameters, TrainingConfig config) {
    this.config = config;
    moments = new AdamMoments(manager, parameters);
  }

  @Override
  public double step(long step, double rate, double scale) {
    double beta1 = config.optimization().beta1();
    double beta2 = config.optimization().beta2();
    double left = Math.pow(beta2, (double) step);
    double longest = 2 / (1 - beta2) - 1;
    double length = longest - 2.0 * step * left / (1 - left);
    boolean adaptive = length > 5;
    double stride = rate / (1 - Math.pow(beta1, (double) step));
    if (adaptive) {
      double rectification =
          Math.sqrt(
              (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
      stride *= rectification * Math.sqrt(1 - left);
    }
    return moments.call(
        STEP,
        1 - beta1,
        beta2,
        1 - beta2,
        config.optimization().epsilon(),
        1 - rate * config.optimization().weightDecay(),
        config.optimization().clipNorm(),
        -stride,
        adaptive ? 1 : 0,
        scale);
  }

  @Override
  public Map<String, Map<String, NDArray>> state() {
    return moments.state();
  }
}
