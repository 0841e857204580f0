package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * EDM's preconditioning (Karras et al. 2022, table 1 and equation 7): {@code D(x, sigma) = cSkip *
 * x + cOut * F(cIn * x, cNoise)}. The four coefficients give the network F inputs and targets of
 * unit variance at every sigma. They are defined only here.
 *
 * @param sigmaData the standard deviation of the clean states, measured on the training set, above
 *     0
 */
public record Preconditioning(double sigmaData) {

  /**
   * Checks the deviation.
   *
   * @param sigmaData the deviation of the data
   * @throws IllegalArgumentException if it is not a number above 0
   */
  public Preconditioning {
    if (!(sigmaData > 0 && Double.isFinite(sigmaData))) {
      throw new IllegalArgumentException("sigmaData is " + sigmaData + ", expected more than 0");
    }
  }

  /**
   * Returns the share of x in the result.
   *
   * @param sigma sigmas, (N)
   * @return {@code sigmaData^2 / (sigma^2 + sigmaData^2)}, (N)
   */
  public NDArray cSkip(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      float variance = (float) (sigmaData * sigmaData);
      NDArray s = scope.view(sigma);
      return scope.ret(s.onesLike().mul(variance).div(s.square().add(variance)));
    }
  }

  /**
   * Returns the scale of the network's output.
   *
   * @param sigma sigmas, (N)
   * @return {@code sigma * sigmaData / sqrt(sigma^2 + sigmaData^2)}, (N)
   */
  public NDArray cOut(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray s = scope.view(sigma);
      return scope.ret(s.mul((float) sigmaData).div(total(s)));
    }
  }

  /**
   * Returns the scale of the network's input.
   *
   * @param sigma sigmas, (N)
   * @return {@code 1 / sqrt(sigma^2 + sigmaData^2)}, (N)
   */
  public NDArray cIn(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray s = scope.view(sigma);
      return scope.ret(s.onesLike().div(total(s)));
    }
  }

  /**
   * Returns sigma as the network reads it.
   *
   * @param sigma sigmas, (N)
   * @return {@code ln(sigma) / 4}, (N)
   */
  public NDArray cNoise(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      return scope.ret(scope.view(sigma).log().mul(0.25f));
    }
  }

  /**
   * Returns the weight of a squared error of D that gives every sigma the same weight in F.
   *
   * @param sigma sigmas, (N)
   * @return {@code (sigma^2 + sigmaData^2) / (sigma * sigmaData)^2}, which is {@code 1 / cOut^2},
   *     (N)
   */
  public NDArray lossWeight(NDArray sigma) {
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray variance = scope.view(sigma).square();
      float data = (float) (sigmaData * sigmaData);
      return scope.ret(variance.add(data).div(variance.mul(data)));
    }
  }

  /**
   * Makes a denoiser from a network.
   *
   * @param network the network F
   * @return D of equation 7; gradients flow through it
   */
  public Denoiser wrap(InnerNetwork network) {
    return (x, sigma, conditioning) -> {
      try (ArrayScope scope = new ArrayScope(x)) {
        NDArray state = scope.view(x);
        NDArray s = scope.view(sigma);
        NDArray scaled = state.mul(Broadcast.expand(cIn(s), x));
        // Conditions often outlive the call (one photograph, many views). The network gets views of
        // them, so that the arrays it computes from them are freed here.
        NDArray raw = network.predict(scaled, cNoise(s), conditioning.view(scope.manager()));
        NDArray skip = state.mul(Broadcast.expand(cSkip(s), x));
        return scope.ret(skip.add(scope.view(raw).mul(Broadcast.expand(cOut(s), x))));
      }
    };
  }

  private NDArray total(NDArray sigma) {
    return sigma.square().add((float) (sigmaData * sigmaData)).sqrt();
  }
}
