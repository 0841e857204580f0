package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * EDM's preconditioning (Karras et al. 2022, table 1): at every sigma the network F has inputs and
 * targets of unit variance.
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
    try (Workspace ws = new Workspace(sigma)) {
      float variance = (float) (sigmaData * sigmaData);
      NDArray s = ws.view(sigma);
      return ws.keep(s.onesLike().mul(variance).div(s.square().add(variance)));
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cOut(NDArray sigma) {
    try (Workspace ws = new Workspace(sigma)) {
      NDArray s = ws.view(sigma);
      return ws.keep(s.mul((float) sigmaData).div(total(s)));
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cIn(NDArray sigma) {
    try (Workspace ws = new Workspace(sigma)) {
      NDArray s = ws.view(sigma);
      return ws.keep(s.onesLike().div(total(s)));
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray cNoise(NDArray sigma) {
    try (Workspace ws = new Workspace(sigma)) {
      return ws.keep(ws.view(sigma).log().mul(0.25f));
    }
  }

  /** {@inheritDoc} */
  @Override
  public NDArray lossWeight(NDArray sigma) {
    try (Workspace ws = new Workspace(sigma)) {
      NDArray variance = ws.view(sigma).square();
      float data = (float) (sigmaData * sigmaData);
      return ws.keep(variance.add(data).div(variance.mul(data)));
    }
  }

  private NDArray total(NDArray sigma) {
    return sigma.square().add((float) (sigmaData * sigmaData)).sqrt();
  }
}
