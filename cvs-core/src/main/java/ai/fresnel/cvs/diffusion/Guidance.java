package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;

/**
 * Classifier-free guidance (Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022, equation
 * 6) as a denoiser: {@code (1 + w) * D(x | c) - w * D(x | null)}. Weight 0 is the conditional
 * model; positive weights move away from the null. It takes one network pass on a batch of 2N, the
 * conditional half first.
 *
 * <p>diffusers and latent diffusion say the same with a scale, {@code D(x | null) + s * (D(x | c) -
 * D(x | null))}, so {@code s = 1 + w}: Zero123's scale 3 is weight 2, and scale 1 is unguided.
 * Guiding the predicted noise or v is the same, too, since all are linear in each other.
 */
public final class Guidance implements Denoiser {

  private final Denoiser denoiser;
  // Null: each sample has its own in its conditioning.
  private final Double weight;
  private final NullCondition nullCondition;

  private Guidance(Denoiser denoiser, Double weight, NullCondition nullCondition) {
    this.denoiser = denoiser;
    this.weight = weight;
    this.nullCondition = nullCondition;
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
    return of(denoiser, weight, NullCondition.AS_TRAINED);
  }

  /**
   * Guides every sample with one weight, away from a chosen null.
   *
   * @param denoiser a model trained with dropped conditions
   * @param weight w; 0 returns the model itself, at the cost of N instead of 2N
   * @param nullCondition what to lead away from
   * @return the guided model
   * @throws IllegalArgumentException if the weight is not finite
   */
  public static Denoiser of(Denoiser denoiser, double weight, NullCondition nullCondition) {
    if (!Double.isFinite(weight)) {
      throw new IllegalArgumentException("guidance weight is " + weight);
    }
    return weight == 0 ? denoiser : new Guidance(denoiser, weight, nullCondition);
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
    return perSample(denoiser, NullCondition.AS_TRAINED);
  }

  /**
   * Guides each sample with the weight in its conditioning's {@code guidance}, away from a chosen
   * null. The inner model does not see the weight.
   *
   * @param denoiser a model trained with dropped conditions
   * @param nullCondition what to lead away from
   * @return the guided model; without weights in the conditioning it throws
   *     IllegalArgumentException
   */
  public static Denoiser perSample(Denoiser denoiser, NullCondition nullCondition) {
    return new Guidance(denoiser, null, nullCondition);
  }

  /**
   * Returns the weight of diffusers' guidance scale.
   *
   * @param scale s of {@code D(x | null) + s * (D(x | c) - D(x | null))}
   * @return w, {@code s - 1}
   */
  public static double weightOfScale(double scale) {
    return scale - 1;
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
              denoiser.denoise(
                  state.concat(state, 0), s.concat(s, 0), c.concat(nullCondition.of(c))));
      NDArray conditional = both.get(new NDIndex().addSliceDim(0, n));
      NDArray unconditional = both.get(new NDIndex().addSliceDim(n, 2 * n));
      NDArray push = conditional.sub(unconditional).mul(Broadcast.expand(w, x));
      return scope.ret(conditional.add(push));
    }
  }
}
