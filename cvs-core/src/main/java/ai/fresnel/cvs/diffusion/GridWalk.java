package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * Walks down a grid, one step after another. Each step frees its arrays before the next begins.
 * Gradients do not flow from step to step, so that memory stays that of one step even with
 * gradients on.
 */
final class GridWalk {

  private GridWalk() {}

  /** One step of a walk. */
  @FunctionalInterface
  interface Step {
    /**
     * Steps from one sigma of the grid to the next.
     *
     * @param scope frees what the step leaves
     * @param index the step, from 0
     * @param x states at the grid's sigma {@code index}, (N, ...)
     * @return states at the next sigma
     */
    NDArray take(ArrayScope scope, int index, NDArray x);
  }

  /**
   * Walks.
   *
   * @param grid the sigmas
   * @param x states at the grid's first sigma, (N, ...); stays the caller's
   * @param step one step
   * @return states at the grid's last sigma, on x's manager
   */
  static NDArray down(SigmaGrid grid, NDArray x, Step step) {
    try (ArrayScope all = new ArrayScope(x)) {
      NDArray states = all.view(x);
      for (int i = 0; i < grid.intervals(); i++) {
        try (ArrayScope scope = new ArrayScope(states)) {
          NDArray next = scope.ret(step.take(scope, i, scope.view(states).stopGradient()));
          states.close();
          states = next;
        }
      }
      return all.ret(states);
    }
  }
}
