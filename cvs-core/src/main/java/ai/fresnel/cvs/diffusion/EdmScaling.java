package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * EDM's preconditioning (Karras et al. 2022, table 1). The four coefficients give the network F
 * inputs and targets of unit variance at every sigma:
 *
 * <pre>
 *   cSkip  = sigmaData^2 / (sigma^2 + sigmaData^2)
 *   cOut   = sigma * sigmaData / sqrt(sigma^2 + sigmaData^2)
 *   cIn    = 1 / sqrt(sigma^2 + sigmaData^2)
 *   cNoise = ln(sigma) / 4
 *   lossWeight = (sigma^2 + sigmaData^2) / (sigma * sigmaData)^2
 * </pre>
 *
 * @param sigmaData the standard deviation of the clean states, measured on the training set, above
 *     0
 */
public record EdmScaling(double sigmaData) implements Scaling {

  /**
   * Checks the deviation.
   *
   * @param sigmaData the deviation of the data
   * @throws IllegalArgumentException if it is not a number above 0
   */
  public EdmScaling {
    if (!(sigmaData > 0 && Double.isFinite(sigmaData))) {
      throw new IllegalArgumentException("sigmaData is " + sigmaData + ", expected more than 0");
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cSkip(NDArray sigma) {
    return of("torch.full_like(s, %2$s) / (s * s + %2$s)", sigma);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cOut(NDArray sigma) {
    return of("s * %1$s / torch.sqrt(s * s + %2$s)", sigma);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cIn(NDArray sigma) {
    return of("torch.reciprocal(torch.sqrt(s * s + %2$s))", sigma);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cNoise(NDArray sigma) {
    return of("torch.log(s) * 0.25", sigma);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray lossWeight(NDArray sigma) {
    return of("(s * s + %2$s) / (s * s * %2$s)", sigma);
  }

  /** Computes an expression of s, the sigmas, and of the data's deviation and variance. */
  private NDArray of(String expression, NDArray sigma) {
    String body = "return " + expression.formatted(sigmaData, sigmaData * sigmaData);
    return TorchFunction.of("s: Tensor", body).call(sigma);
  }
}
