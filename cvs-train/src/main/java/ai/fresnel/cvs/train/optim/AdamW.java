package ai.fresnel.cvs.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.util.Map;

/**
 * AdamW (Loshchilov and Hutter 2019) over a whole model in one call, with the gradients clipped to
 * a global norm before and zeroed after.
 */
final class AdamW implements ModelOptimizer {

  // One pass over memory for the whole update: the fused kernel divides the gradients by grad_scale
  // and does nothing where found_inf is 1. The numbers of a step arrive as a tensor: rate, beta1,
  // beta2, epsilon, decay, clip, the gradients' scale, the step's number.
  private static final TorchFunction STEP =
      TorchFunction.of(
          "p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], h: Tensor",
          """
          scaled = torch.norm(torch.stack(torch._foreach_norm(g, 2), 0), 2)
          norm = torch.div(scaled, float(h[6]))
          scale = torch.mul(torch.clamp(torch.div(norm, float(h[5])), 1.), float(h[6]))
          broken = torch.type_as(torch.logical_not(torch.isfinite(norm)), norm)
          steps = torch.mul([torch.full_like(norm, float(h[7]))], torch.len(p))
          torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), steps, lr=float(h[0]), \
          beta1=float(h[1]), beta2=float(h[2]), weight_decay=float(h[4]), eps=float(h[3]), \
          amsgrad=False, maximize=False, grad_scale=scale, found_inf=broken)
          torch._foreach_zero_(g)
          return norm
          """);

  private final AdamMoments moments;
  private final TrainingConfig config;

  AdamW(NDManager manager, Map<String, NDArray> parameters, TrainingConfig config) {
    this.config = config;
    moments = new AdamMoments(manager, parameters);
  }

  @Override
  public double step(long step, double rate, double scale) {
    return moments.call(
        STEP,
        rate,
        config.optimization().beta1(),
        config.optimization().beta2(),
        config.optimization().epsilon(),
        config.optimization().weightDecay(),
        config.optimization().clipNorm(),
        scale,
        (double) step);
  }

  @Override
  public Map<String, Map<String, NDArray>> state() {
    return moments.state();
  }
}
