package ai.fresnel.cvs.train.objective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;

/**
 * The hinge losses of adversarial diffusion distillation (Sauer et al. 2023, section 3.2; Lim and
 * Ye 2017). A discriminator tells the student's images from true ones by the features of a frozen
 * diffusion model; the student learns to be taken for the truth. The features are the teacher's
 * own, of images with a little noise, as in latent adversarial diffusion distillation (Sauer et al.
 * 2024, section 3).
 *
 * <pre>
 *   student:        − mean D(F(f + noise))
 *   discriminator:  mean max(0, 1 − D(F(x0 + noise))) + mean max(0, 1 + D(F(f + noise)))
 * </pre>
 *
 * <p>One backward pass serves both. The student's term takes the discriminator's weights as
 * constants, the discriminator's term takes the images as constants, so their gradients do not mix.
 * The weight of this loss scales the discriminator's gradient too, which Adam does not notice. The
 * value of the loss is always 0: an adversarial value does not say how well either side does, and
 * would hide the losses that it is added to.
 *
 * <p>Output: f(x, sigma) (N, ...). Nothing is computed where all weights are 0.
 */
public final class AdversarialLoss implements SampleLoss<AdversarialLoss.DiscriminatorInputs> {

  private static final TorchFunction STUDENT =
      TorchFunction.of("fake: Tensor", "return torch.neg(torch.mean(fake, [1]))");

  private static final TorchFunction DISCRIMINATOR =
      TorchFunction.of(
          "real: Tensor, fake: Tensor",
          """
          missed = torch.mean(torch.relu(torch.rsub(real, 1.)), [1])
          return missed + torch.mean(torch.relu(fake + 1.), [1])
          """);

  private static final TorchFunction LOG_SIGMA =
      TorchFunction.of("sigma: Tensor", "return torch.log(sigma) * 0.25");

  private final Discriminator discriminator;
  private final Features features;
  private boolean hasGradient;

  /** The features by which the discriminator judges a state. */
  @FunctionalInterface
  public interface Features {

    /**
     * Runs the frozen network; gradients flow to the state.
     *
     * @param store where the parameters' values are, without gradient
     * @param x noisy states, (N, ...)
     * @param sigma their sigmas, (N)
     * @param conditioning what the frozen network is conditioned on
     * @return the feature maps, on x's manager
     */
    NDList of(ParameterStore store, NDArray x, NDArray sigma, Conditioning conditioning);
  }

  /**
   * The label of the loss: true states to compare with, and noise for the student's.
   *
   * @param truth true states with the noise added, (N, ...)
   * @param noise the same noise, for the student's states, (N, ...)
   * @param sigma the sigmas of the noise, (N)
   * @param weight how much each sample counts, (N)
   * @param conditioning what the frozen network is conditioned on
   */
  public record DiscriminatorInputs(
      NDArray truth, NDArray noise, NDArray sigma, NDArray weight, Conditioning conditioning) {}

  /** Gives parameters as constants. */
  private static final class Constants extends ParameterStore {

    private final NDManager manager;

    Constants(NDManager manager) {
      super(manager, false);
      this.manager = manager;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
      NDArray value = super.getValue(parameter, device, training).stopGradient();
      value.attach(manager);
      return value;
    }
  }

  /**
   * Creates the loss.
   *
   * @param discriminator learns beside the student
   * @param features computes its inputs
   */
  public AdversarialLoss(Discriminator discriminator, Features features) {
    this.discriminator = discriminator;
    this.features = features;
  }

  /** {@inheritDoc} All 0, but with the gradients of both terms. */
  @Override
  public NDArray perSample(NDArray output, DiscriminatorInputs inputs) {
    if (allZero(inputs.weight())) {
      return inputs.weight();
    }
    NDArray value = value(output, inputs);
    hasGradient |= TorchRuntime.recordsGradient();
    return value.sub(value.stopGradient()).mul(inputs.weight());
  }

  private NDArray value(NDArray fake, DiscriminatorInputs inputs) {
    NDManager manager = fake.getManager();
    ParameterStore constants = new Constants(manager);
    ParameterStore learning = new ParameterStore(manager, false);
    NDArray sigma = inputs.sigma();
    NDArray logSigma = LOG_SIGMA.call(sigma);
    Conditioning given = inputs.conditioning();
    NDList drawn = features.of(constants, fake.add(inputs.noise()), sigma, given);
    NDList still = new NDList();
    drawn.forEach(map -> still.add(map.stopGradient()));
    NDList real = features.of(constants, inputs.truth(), sigma, given);
    return student(discriminator.judge(constants, manager, drawn, logSigma))
        .add(
            discriminator(
                discriminator.judge(learning, manager, real, logSigma),
                discriminator.judge(learning, manager, still, logSigma)));
  }

  /** The student's term, (N), from the judgements of its images, (N, P). */
  static NDArray student(NDArray fake) {
    return STUDENT.call(fake);
  }

  /** The discriminator's term, (N), from its judgements of true and of drawn images, (N, P). */
  static NDArray discriminator(NDArray real, NDArray fake) {
    return DISCRIMINATOR.call(real, fake);
  }

  private static boolean allZero(NDArray weight) {
    for (float w : weight.toFloatArray()) {
      if (w != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Says whether the discriminator has gathered a gradient since the last call.
   *
   * @return true if there is a gradient for an update
   */
  public boolean pollGradient() {
    boolean pending = hasGradient;
    hasGradient = false;
    return pending;
  }
}
