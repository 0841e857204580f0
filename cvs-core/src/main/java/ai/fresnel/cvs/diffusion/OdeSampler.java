package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * Samples from a diffusion model in many steps: a solver along a grid, from pure noise, or noise
 * around {@link Conditioning#mean}, to the grid's last sigma (EDM, algorithm 1, without added
 * noise).
 *
 * <p>Euler takes one network pass per interval. Heun takes two, and one where the interval ends at
 * 0: 35 on {@link SigmaGrid#karrasToZero EDM's grid of 18 sigmas and 0}.
 *
 * @param solver the solver of one step
 * @param grid the sigmas
 */
public record OdeSampler(OdeSolver solver, SigmaGrid grid) {

  /**
   * Counts the network passes of one sample.
   *
   * @return the sum over all intervals
   */
  public int passes() {
    int passes = 0;
    for (int i = 1; i <= grid.intervals(); i++) {
      passes += solver.passes(grid.sigma(i));
    }
    return passes;
  }

  /**
   * Samples from noise. Each step frees its arrays before the next begins. Gradients do not flow
   * from step to step, so that memory stays that of one step even with gradients on.
   *
   * @param denoiser the model
   * @param noise standard normal, (N, ...)
   * @param conditioning the condition of the samples
   * @return states at the grid's last sigma, of noise's shape, on noise's manager
   */
  public NDArray sample(Denoiser denoiser, NDArray noise, Conditioning conditioning) {
    try (ArrayScope scope = new ArrayScope(noise)) {
      NDArray x = conditioning.start(scope, noise, grid.first());
      return scope.ret(sampleFrom(denoiser, x, conditioning));
    }
  }

  /**
   * Samples from states, such as {@link DiscreteSchedule#prior}, in the same way.
   *
   * @param denoiser the model
   * @param x states at the grid's first sigma, (N, ...)
   * @param conditioning the condition of the samples
   * @return states at the grid's last sigma, of x's shape, on x's manager
   */
  public NDArray sampleFrom(Denoiser denoiser, NDArray x, Conditioning conditioning) {
    long size = x.getShape().get(0);
    return GridWalk.down(
        grid,
        x,
        (scope, i, states) -> {
          NDArray sigma = Broadcast.fill(scope.manager(), grid.sigma(i), size);
          NDArray sigmaNext = Broadcast.fill(scope.manager(), grid.sigma(i + 1), size);
          return solver.step(denoiser, states, sigma, sigmaNext, conditioning);
        });
  }
}
