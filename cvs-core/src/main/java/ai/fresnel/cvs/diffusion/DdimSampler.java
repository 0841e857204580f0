package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * DDIM (Song et al., "Denoising Diffusion Implicit Models", 2021, equations 12 and 16) in EDM time.
 * Each step keeps the predicted x0, goes down to a sigma below the next and adds fresh noise up to
 * the next:
 *
 * <pre>
 *   added = eta * sigmaNext * sqrt(1 - (sigmaNext / sigma)^2)
 *   x = x0 + sqrt(sigmaNext^2 - added^2) * (x - x0) / sigma + added * noise
 * </pre>
 *
 * <p>With eta 0 nothing is added and the steps are {@link OdeSolver#EULER Euler's}. With eta 1 it
 * is ancestral sampling (Ho et al. 2020). One network pass a step.
 *
 * @param grid the sigmas, as {@link DiscreteSchedule#grid} makes them
 * @param eta the share of noise that is fresh, 0 to 1
 */
public record DdimSampler(SigmaGrid grid, double eta) {

  /**
   * Checks eta.
   *
   * @param grid the sigmas
   * @param eta the share of fresh noise
   * @throws IllegalArgumentException if eta is out of range
   */
  public DdimSampler {
    if (!(eta >= 0 && eta <= 1)) {
      throw new IllegalArgumentException("eta is " + eta + ", expected 0 to 1");
    }
  }

  /**
   * Samples. Each step frees its arrays before the next begins. Gradients do not flow from step to
   * step.
   *
   * @param denoiser the model
   * @param x states at the grid's first sigma, (N, ...), such as {@link DiscreteSchedule#prior}
   * @param noise what is added after each step; not asked where eta is 0
   * @param conditioning the condition of the samples
   * @return states at the grid's last sigma, of x's shape, on x's manager
   */
  public NDArray sample(Denoiser denoiser, NDArray x, StepNoise noise, Conditioning conditioning) {
    return GridWalk.down(
        grid, x, (scope, i, states) -> step(denoiser, states, i, noise, conditioning));
  }

  /**
   * Takes one step.
   *
   * @param denoiser the model
   * @param x states at the grid's sigma {@code index}, (N, ...)
   * @param index the step, 0 to one less than the grid's intervals
   * @param noise what is added; not asked where eta is 0
   * @param conditioning the condition of the samples
   * @return states at the next sigma, of x's shape, on x's manager
   */
  public NDArray step(
      Denoiser denoiser, NDArray x, int index, StepNoise noise, Conditioning conditioning) {
    double sigma = grid.sigma(index);
    double next = grid.sigma(index + 1);
    double added = eta * next * Math.sqrt(1 - next / sigma * (next / sigma));
    double stay = Math.sqrt(next * next - added * added) / sigma;
    try (ArrayScope scope = new ArrayScope(x)) {
      long n = x.getShape().get(0);
      NDArray state = scope.view(x);
      NDArray sigmas = Broadcast.fill(scope.manager(), sigma, n);
      NDArray x0 = scope.view(denoiser.denoise(state, sigmas, conditioning));
      NDArray result = scope.mix(state, stay, x0, 1 - stay);
      if (added > 0) {
        NDArray fresh = noise.draw(scope.manager(), index, x.getShape());
        result = result.add(fresh.mul(scope.factor(added, x)));
      }
      return scope.ret(result);
    }
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
