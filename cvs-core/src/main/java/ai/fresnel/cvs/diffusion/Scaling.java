package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * Scales the input and output of a network at each sigma, so that it becomes a {@link Denoiser}
 * (Karras et al. 2022, equation 7): {@code D(x, sigma) = cSkip * x + cOut * F(cIn * x, cNoise)}. A
 * network that predicts the noise (eps) or a mix of both (v) differs in these four alone.
 */
public interface Scaling {

  /**
   * The share of x in the result.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray cSkip(NDArray sigma);

  /**
   * The scale of the network's output.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray cOut(NDArray sigma);

  /**
   * The scale of the network's input.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray cIn(NDArray sigma);

  /**
   * Sigma as the network reads it.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray cNoise(NDArray sigma);

  /**
   * The weight of a squared error of D that gives every sigma the same weight in F, {@code 1 /
   * cOut^2}.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray lossWeight(NDArray sigma);

  /**
   * Makes a denoiser of a network.
   *
   * @param network the raw network F
   * @return D of equation 7; gradients flow through it
   */
  default Denoiser wrap(RawNetwork network) {
    return (x, sigma, conditioning) -> {
      try (Workspace ws = new Workspace(x)) {
        NDArray state = ws.view(x);
        NDArray s = ws.view(sigma);
        NDArray scaled = state.mul(PerSample.expand(cIn(s), x));
        // Conditions often outlive the call (one photograph, many views): the network gets views,
        // so that what it computes from them is freed here.
        NDArray raw = network.predict(scaled, cNoise(s), conditioning.view(ws.manager()));
        NDArray skip = state.mul(PerSample.expand(cSkip(s), x));
        return ws.keep(skip.add(ws.view(raw).mul(PerSample.expand(cOut(s), x))));
      }
    };
  }
}
