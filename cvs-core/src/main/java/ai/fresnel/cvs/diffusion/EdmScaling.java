package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

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
    try (ArrayScope scope = new ArrayScope(sigma)) {
      float variance = (float) (sigmaData * sigmaData);
      NDArray s = scope.view(sigma);
      return scope.ret(s.onesLike().mul(variance).div(s.square().add(variance)));
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cOut(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray s = scope.view(sigma);
      return scope.ret(s.mul((float) sigmaData).div(total(s)));
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cIn(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray s = scope.view(sigma);
      return scope.ret(s.onesLike().div(total(s)));
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cNoise(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      return scope.ret(scope.view(sigma).log().mul(0.25f));
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray lossWeight(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray variance = scope.view(sigma).square();
      float data = (float) (sigmaData * sigmaData);
      return scope.ret(variance.add(data).div(variance.mul(data)));
    }
  }

  private NDArray total(NDArray sigma) {
    return sigma.square().add((float) (sigmaData * sigmaData)).sqrt();
  }
}
