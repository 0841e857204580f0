package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.function.BinaryOperator;

/**
 * Solves one step of the probability-flow ODE {@code dx/dsigma = (x - D(x, sigma)) / sigma}. Every
 * sample has its own two sigmas, so that the sampler and the distillation of consistency models
 * share the code. These solvers have no history.
 */
public enum OdeSolver {

  /** Euler's method: order 1, one network pass. */
  EULER {
    @Override
    NDArray solve(BinaryOperator<NDArray> x0, NDArray x, NDArray sigma, NDArray sigmaNext) {
      return euler(x, x0.apply(x, sigma), sigma, sigmaNext);
    }
  },

  /**
   * Heun's method (EDM, algorithm 1): order 2, two network passes. Samples whose next sigma is 0
   * take Euler's step, since the slope is not defined there. A batch of such samples alone takes
   * one pass. The step therefore reads sigmaNext (N numbers) from the device.
   */
  HEUN {
    @Override
    NDArray solve(BinaryOperator<NDArray> x0, NDArray x, NDArray sigma, NDArray sigmaNext) {
      int zeros = zeros(sigmaNext);
      if (zeros == sigmaNext.size()) {
        return EULER.solve(x0, x, sigma, sigmaNext);
      }
      NDArray first = x0.apply(x, sigma);
      NDArray predicted = euler(x, first, sigma, sigmaNext);
      NDArray halfStep = sigmaNext.sub(sigma).mul(0.5f);
      NDArray next = sigmaNext;
      if (zeros > 0) {
        // Where the next sigma is 0, evaluate at sigma and correct by 0.
        NDArray zero = next.eq(0f).toType(next.getDataType(), false);
        halfStep = halfStep.mul(zero.neg().add(1f));
        next = next.add(zero.mul(sigma));
      }
      NDArray second = x0.apply(predicted, next);
      NDArray slope = x.sub(first).div(Broadcast.expand(sigma, x));
      NDArray slopeNext = predicted.sub(second).div(Broadcast.expand(next, x));
      NDArray correction = slopeNext.sub(slope).mul(Broadcast.expand(halfStep, x));
      return predicted.add(correction);
    }
  },

  /**
   * DPM-Solver++(2S) (Lu et al. 2022, algorithm 1, with the midpoint at half of the step in ln
   * sigma): order 2, two network passes. It takes Euler's step to {@code sqrt(sigma * sigmaNext)},
   * then the whole step with the x0 predicted there. Samples whose next sigma is 0 take Euler's
   * step, as with {@link #HEUN}.
   */
  DPM_2S {
    @Override
    NDArray solve(BinaryOperator<NDArray> x0, NDArray x, NDArray sigma, NDArray sigmaNext) {
      NDArray predicted = x0.apply(x, sigma);
      int zeros = zeros(sigmaNext);
      if (zeros < sigmaNext.size()) {
        NDArray middle = sigma.mul(sigmaNext).sqrt();
        if (zeros > 0) {
          // No step to the midpoint: the second pass repeats the first.
          NDArray zero = sigmaNext.eq(0f).toType(sigmaNext.getDataType(), false);
          middle = middle.add(zero.mul(sigma));
        }
        predicted = x0.apply(euler(x, predicted, sigma, middle), middle);
      }
      return euler(x, predicted, sigma, sigmaNext);
    }
  };

  /**
   * Follows the ODE from one sigma to another.
   *
   * @param denoiser D, which gives the slope
   * @param x states at sigma, (N, ...)
   * @param sigma the present sigma of each sample, (N), above 0
   * @param sigmaNext the next sigma of each sample, (N), 0 or more; usually lower, but the ODE can
   *     be followed both ways
   * @param conditioning the condition of the states
   * @return states at sigmaNext, of x's shape, on x's manager; gradients flow through
   */
  public NDArray step(
      Denoiser denoiser, NDArray x, NDArray sigma, NDArray sigmaNext, Conditioning conditioning) {
    try (ArrayScope scope = new ArrayScope(x)) {
      BinaryOperator<NDArray> x0 =
          (state, s) -> scope.view(denoiser.denoise(state, s, conditioning));
      return scope.ret(solve(x0, scope.view(x), scope.view(sigma), scope.view(sigmaNext)));
    }
  }

  /**
   * Solves the step on arrays of one scope.
   *
   * @param x0 the denoiser as a function of x and sigma
   */
  abstract NDArray solve(BinaryOperator<NDArray> x0, NDArray x, NDArray sigma, NDArray sigmaNext);

  /**
   * Counts the network passes of a step.
   *
   * @param sigmaNext the sigma that the step goes to
   * @return 1 or 2
   */
  public int passes(double sigmaNext) {
    return this != EULER && sigmaNext > 0 ? 2 : 1;
  }

  private static int zeros(NDArray sigmas) {
    int zeros = 0;
    for (float sigma : sigmas.toType(DataType.FLOAT32, false).toFloatArray()) {
      zeros += sigma == 0 ? 1 : 0;
    }
    return zeros;
  }

  /**
   * x + (sigmaNext - sigma) * (x - x0) / sigma, written as a mixture of x and x0: exact where
   * sigmaNext is 0 or sigma, and without the cancellation of x - x0 at high noise.
   */
  private static NDArray euler(NDArray x, NDArray x0, NDArray sigma, NDArray sigmaNext) {
    NDArray stay = Broadcast.expand(sigmaNext.div(sigma), x);
    NDArray move = Broadcast.expand(sigma.sub(sigmaNext).div(sigma), x);
    return x.mul(stay).add(x0.mul(move));
  }
}
