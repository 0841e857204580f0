package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * Scales the input and output of a network at each sigma, so that it becomes a {@link Denoiser}
 * (Karras et al. 2022, equation 7): {@code D(x, sigma) = cSkip * x + cOut * F(cIn * x, cNoise)}. A
 * network that predicts the noise (eps) or a mix of both (v) differs in these four alone.
 */
public interface Scaling {

  /**
   * Returns the share of x in the result.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray cSkip(NDArray sigma);

  /**
   * Returns the scale of the network's output.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray cOut(NDArray sigma);

  /**
   * Returns the scale of the network's input.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray cIn(NDArray sigma);

  /**
   * Returns sigma as the network reads it.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray cNoise(NDArray sigma);

  /**
   * Returns the weight of a squared error of D that gives every sigma the same weight in F, {@code
   * 1 / cOut^2}.
   *
   * @param sigma (N), more than 0
   * @return (N)
   */
  NDArray lossWeight(NDArray sigma);

  /**
   * Makes a denoiser from a network. Where the conditioning expects a {@link Conditioning#mean},
   * the network denoises the difference from it: {@code D(x) = mean + cSkip * (x - mean) + cOut *
   * F(cIn * (x - mean), cNoise)}.
   *
   * @param network the network F
   * @return D of equation 7; gradients flow through it
   */
  default Denoiser wrap(InnerNetwork network) {
    return (x, sigma, conditioning) -> {
      try (ArrayScope scope = new ArrayScope(x)) {
        Optional<NDArray> mean = conditioning.keptMean(scope.manager());
        NDArray state = mean.map(scope.view(x)::sub).orElseGet(() -> scope.view(x));
        NDArray s = scope.view(sigma);
        NDArray scaled = state.mul(Broadcast.expand(cIn(s), x));
        // Conditions often outlive the call (one photograph, many views). The network gets views of
        // them, so that the arrays it computes from them are freed here.
        NDArray raw = network.predict(scaled, cNoise(s), conditioning.view(scope.manager()));
        NDArray skip = state.mul(Broadcast.expand(cSkip(s), x));
        NDArray x0 = skip.add(scope.view(raw).mul(Broadcast.expand(cOut(s), x)));
        return scope.ret(mean.map(x0::add).orElse(x0));
      }
    };
  }
}
