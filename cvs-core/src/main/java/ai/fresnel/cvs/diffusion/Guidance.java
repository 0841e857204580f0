package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;

/**
 * Classifier-free guidance (Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022, equation
 * 6) as a denoiser: {@code (1 + w) * D(x | c) - w * D(x | null)}. Weight 0 is the conditional
 * model; positive weights move away from the null. It takes one network pass on a batch of 2N, the
 * conditional half first.
 */
public final class Guidance implements Denoiser {

  private final Denoiser denoiser;
  // Null: each sample has its own in its conditioning.
  private final Double weight;

  private Guidance(Denoiser denoiser, Double weight) {
    this.denoiser = denoiser;
    this.weight = weight;
  }

  /**
   * Guides every sample with one weight.
   *
   * @param denoiser a model trained with dropped conditions
   * @param weight w; 0 returns the model itself, at the cost of N instead of 2N
   * @return the guided model
   * @throws IllegalArgumentException if the weight is not finite
   */
  public static Denoiser of(Denoiser denoiser, double weight) {
    if (!Double.isFinite(weight)) {
      throw new IllegalArgumentException("guidance weight is " + weight);
    }
    return weight == 0 ? denoiser : new Guidance(denoiser, weight);
  }

  /**
   * Guides each sample with the weight in its conditioning's {@code guidance}, for the teacher of a
   * student that takes the weight as an input. The inner model does not see the weight.
   *
   * @param denoiser a model trained with dropped conditions
   * @return the guided model; without weights in the conditioning it throws
   *     IllegalArgumentException
   */
  public static Denoiser perSample(Denoiser denoiser) {
    return new Guidance(denoiser, null);
  }

  @Override
  public NDArray denoise(NDArray x, NDArray sigma, Conditioning conditioning) {
    if (conditioning.isEmpty()) {
      throw new IllegalArgumentException("guidance needs a condition, got an empty conditioning");
    }
    if (weight == null && conditioning.guidance() == null) {
      throw new IllegalArgumentException("per-sample guidance needs weights, got none");
    }
    try (ArrayScope scope = new ArrayScope(x)) {
      long n = x.getShape().get(0);
      NDArray state = scope.view(x);
      NDArray s = scope.view(sigma);
      Conditioning c = conditioning.view(scope.manager());
      NDArray w = c.guidance();
      if (weight == null) {
        c = c.withGuidance(null);
      } else {
        w = Broadcast.fill(scope.manager(), weight, n);
      }
      NDArray both =
          scope.view(
              denoiser.denoise(state.concat(state, 0), s.concat(s, 0), c.concat(c.asNull())));
      NDArray conditional = both.get(new NDIndex().addSliceDim(0, n));
      NDArray unconditional = both.get(new NDIndex().addSliceDim(n, 2 * n));
      NDArray push = conditional.sub(unconditional).mul(Broadcast.expand(w, x));
      return scope.ret(conditional.add(push));
    }
  }
}
