package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * The many-step sampler of a diffusion model: a solver along a grid, from pure noise to the grid's
 * last level (EDM, algorithm 1, without added noise).
 *
 * <p>Network passes: Euler one an interval; Heun two, one where it goes to 0. On {@link
 * SigmaGrid#karrasToZero EDM's grid of 18 levels and 0}, Heun takes 35.
 *
 * @param solver the step
 * @param grid the levels
 */
public record OdeSampler(OdeSolver solver, SigmaGrid grid) {

  /**
   * Counts the network passes of one sample.
   *
   * @return the passes over all intervals
   */
  public int passes() {
    int passes = 0;
    for (int i = 1; i <= grid.intervals(); i++) {
      passes += solver.passes(grid.sigma(i));
    }
    return passes;
  }

  /**
   * Samples. Each step frees what it made before the next begins. Gradients do not flow from step
   * to step, so that memory stays that of one step even where gradients are on.
   *
   * @param denoiser the model
   * @param noise standard normal, (N, ...)
   * @param conditioning what the samples are conditioned on
   * @return states at the grid's last level, of noise's shape, on noise's manager
   */
  public NDArray sample(Denoiser denoiser, NDArray noise, Conditioning conditioning) {
    try (ArrayScope all = new ArrayScope(noise)) {
      NDArray x = all.view(noise).mul((float) grid.first());
      long size = noise.getShape().get(0);
      for (int i = 0; i < grid.intervals(); i++) {
        try (ArrayScope scope = new ArrayScope(x)) {
          NDArray sigma = Broadcast.fill(scope.manager(), grid.sigma(i), size);
          NDArray sigmaNext = Broadcast.fill(scope.manager(), grid.sigma(i + 1), size);
          NDArray state = scope.view(x).stopGradient();
          NDArray next = scope.ret(solver.step(denoiser, state, sigma, sigmaNext, conditioning));
          x.close();
          x = next;
        }
      }
      return all.ret(x);
    }
  }
}
