package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * DPM-Solver++(2M) (Lu et al., "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion
 * Probabilistic Models", 2022, algorithm 2) in EDM time: order 2 with one network pass a step. It
 * extrapolates x0 to the middle of the step from this pass and the one before, which the sampler
 * remembers. With {@code h = ln(sigma / sigmaNext)} and {@code r = hBefore / h}
 *
 * <pre>
 *   d = x0 + (x0 - x0Before) / (2 * r)
 *   x = (sigmaNext / sigma) * x + (1 - sigmaNext / sigma) * d
 * </pre>
 *
 * <p>The first step, and one to sigma 0, take x0 as it is: Euler's.
 *
 * @param grid the sigmas
 */
public record MultistepSampler(SigmaGrid grid) {

  /**
   * Samples. Each step frees its arrays before the next begins, but for x0. Gradients do not flow
   * from step to step.
   *
   * @param denoiser the model
   * @param x states at the grid's first sigma, (N, ...)
   * @param conditioning the condition of the samples
   * @return states at the grid's last sigma, of x's shape, on x's manager
   */
  public NDArray sample(Denoiser denoiser, NDArray x, Conditioning conditioning) {
    try (ArrayScope all = new ArrayScope(x)) {
      NDArray[] before = new NDArray[1];
      NDArray result =
          GridWalk.down(
              grid,
              all.view(x),
              (scope, i, states) -> {
                NDArray sigma =
                    Broadcast.fill(scope.manager(), grid.sigma(i), states.getShape().get(0));
                NDArray x0 = scope.view(denoiser.denoise(states, sigma, conditioning));
                double stay = grid.sigma(i + 1) / grid.sigma(i);
                double past = pastWeight(i);
                NDArray direction = past == 0 ? x0 : scope.mix(x0, 1 + past, before[0], -past);
                remember(all, before, x0);
                return scope.mix(states, stay, direction, 1 - stay);
              });
      return all.ret(result);
    }
  }

  /** The weight 1 / (2r) that x0 of the step before is subtracted with. */
  private double pastWeight(int index) {
    if (index == 0 || grid.sigma(index + 1) == 0) {
      return 0;
    }
    double h = Math.log(grid.sigma(index) / grid.sigma(index + 1));
    double hBefore = Math.log(grid.sigma(index - 1) / grid.sigma(index));
    return h / (2 * hBefore);
  }

  private static void remember(ArrayScope all, NDArray[] before, NDArray x0) {
    if (before[0] != null) {
      before[0].close();
    }
    before[0] = x0.stopGradient();
    before[0].attach(all.manager());
  }

  /**
   * Counts the network passes of one sample.
   *
   * @return the number of intervals
   */
  public int passes() {
    return grid.intervals();
  }
}
