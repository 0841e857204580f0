package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * One step of the probability-flow ODE {@code dx/dsigma = (x - D(x, sigma)) / sigma}. Every sample
 * has its own two levels, so that the sampler and the distillation of consistency models share the
 * code. Only solvers without history are here.
 */
public enum OdeSolver {

  /** Euler's method: order 1, one network pass. */
  EULER {
    @Override
    public NDArray step(
        Denoiser denoiser, NDArray x, NDArray sigma, NDArray sigmaNext, Conditioning conditioning) {
      try (ArrayScope scope = new ArrayScope(x)) {
        NDArray state = scope.view(x);
        NDArray x0 = scope.view(denoiser.denoise(state, sigma, conditioning));
        return scope.ret(euler(scope, state, x0, sigma, sigmaNext));
      }
    }
  },

  /**
   * Heun's method (EDM, algorithm 1): order 2, two network passes. Samples whose next level is 0
   * get Euler's step, as the slope is not defined there; a batch of such samples alone takes one
   * pass. To know, the step reads sigmaNext (N numbers) from the device.
   */
  HEUN {
    @Override
    public NDArray step(
        Denoiser denoiser, NDArray x, NDArray sigma, NDArray sigmaNext, Conditioning conditioning) {
      try (ArrayScope scope = new ArrayScope(x)) {
        NDArray state = scope.view(x);
        NDArray s = scope.view(sigma);
        NDArray next = scope.view(sigmaNext);
        int zeros = zeros(next);
        if (zeros == next.size()) {
          return scope.ret(EULER.step(denoiser, state, s, next, conditioning));
        }
        NDArray x0 = scope.view(denoiser.denoise(state, s, conditioning));
        NDArray predicted = euler(scope, state, x0, s, next);
        NDArray halfStep = next.sub(s).mul(0.5f);
        if (zeros > 0) {
          // A harmless level where the next is 0, and a correction of nothing.
          NDArray zero = next.eq(0f).toType(next.getDataType(), false);
          halfStep = halfStep.mul(zero.neg().add(1f));
          next = next.add(zero.mul(s));
        }
        NDArray x0Next = scope.view(denoiser.denoise(predicted, next, conditioning));
        NDArray slope = state.sub(x0).div(Broadcast.expand(s, x));
        NDArray slopeNext = predicted.sub(x0Next).div(Broadcast.expand(next, x));
        NDArray correction = slopeNext.sub(slope).mul(Broadcast.expand(halfStep, x));
        return scope.ret(predicted.add(correction));
      }
    }
  },

  /**
   * DPM-Solver++(2S) (Lu et al. 2022, algorithm 1, with the middle at half of the step in ln
   * sigma): order 2, two network passes. A straight step to {@code sqrt(sigma * sigmaNext)}, then
   * the whole step with the x0 seen from there. Samples whose next level is 0 get Euler's step, as
   * with {@link #HEUN}.
   */
  DPM_2S {
    @Override
    public NDArray step(
        Denoiser denoiser, NDArray x, NDArray sigma, NDArray sigmaNext, Conditioning conditioning) {
      try (ArrayScope scope = new ArrayScope(x)) {
        NDArray state = scope.view(x);
        NDArray s = scope.view(sigma);
        NDArray next = scope.view(sigmaNext);
        NDArray x0 = scope.view(denoiser.denoise(state, s, conditioning));
        int zeros = zeros(next);
        if (zeros < next.size()) {
          NDArray middle = s.mul(next).sqrt();
          if (zeros > 0) {
            // No step to the middle: the second pass then sees what the first one saw.
            middle = middle.add(next.eq(0f).toType(next.getDataType(), false).mul(s));
          }
          NDArray between = euler(scope, state, x0, s, middle);
          x0 = scope.view(denoiser.denoise(between, middle, conditioning));
        }
        return scope.ret(euler(scope, state, x0, s, next));
      }
    }
  };

  /**
   * Follows the ODE from one noise level to another.
   *
   * @param denoiser gives the slope
   * @param x states at sigma, (N, ...)
   * @param sigma present levels, (N), above 0
   * @param sigmaNext levels to go to, (N), 0 or more; usually lower, but the ODE runs both ways
   * @param conditioning what the states are conditioned on
   * @return states at sigmaNext, of x's shape, on x's manager; gradients flow through
   */
  public abstract NDArray step(
      Denoiser denoiser, NDArray x, NDArray sigma, NDArray sigmaNext, Conditioning conditioning);

  /**
   * Counts the network passes of a step.
   *
   * @param sigmaNext the level the step goes to
   * @return 1 or 2
   */
  public int passes(double sigmaNext) {
    return this != EULER && sigmaNext > 0 ? 2 : 1;
  }

  private static int zeros(NDArray levels) {
    int zeros = 0;
    for (float level : levels.toType(DataType.FLOAT32, false).toFloatArray()) {
      zeros += level == 0 ? 1 : 0;
    }
    return zeros;
  }

  /**
   * x + (sigmaNext - sigma) * (x - x0) / sigma, written as a mixture of x and x0: exact where
   * sigmaNext is 0 or sigma, and without the cancellation of x - x0 at high noise.
   */
  static NDArray euler(ArrayScope scope, NDArray x, NDArray x0, NDArray sigma, NDArray sigmaNext) {
    NDArray s = scope.view(sigma);
    NDArray next = scope.view(sigmaNext);
    NDArray stay = Broadcast.expand(next.div(s), x);
    NDArray move = Broadcast.expand(s.sub(next).div(s), x);
    return scope.view(x).mul(stay).add(scope.view(x0).mul(move));
  }
}
