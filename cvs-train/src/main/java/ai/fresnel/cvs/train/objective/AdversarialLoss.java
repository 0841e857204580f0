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
 * A game between the student, which draws, and a discriminator, which tells its images from true
 * ones by a frozen diffusion model's features: the hinge losses of adversarial diffusion
 * distillation (Sauer et al. 2023, section 3.2; Lim and Ye 2017), with the teacher's own features
 * of images that were given a little noise, as in its latent form (Sauer et al. 2024, section 3).
 *
 * <pre>
 *   student:        − mean D(F(f + noise))
 *   discriminator:  mean max(0, 1 − D(F(x0 + noise))) + mean max(0, 1 + D(F(f + noise)))
 * </pre>
 *
 * <p>One backward pass serves both: the student's term sees the discriminator's weights as numbers,
 * the discriminator's term sees the images as numbers, and their gradients do not mix. The
 * discriminator's is scaled by this loss's weight too, which Adam does not notice. As a number the
 * loss is 0: the value of a game says nothing of how well it is played, and would hide the losses
 * it is added to.
 *
 * <p>Output: f(x, sigma) (N, ...). Where all weights are 0 nothing is computed.
 */
public final class AdversarialLoss implements SampleLoss<AdversarialLoss.Game> {

  private static final TorchFunction STUDENT =
      TorchFunction.of("fake: Tensor", "return torch.neg(torch.mean(fake, [1]))");

  private static final TorchFunction DISCRIMINATOR =
      TorchFunction.of(
          "real: Tensor, fake: Tensor",
          """
          missed = torch.mean(torch.relu(torch.rsub(real, 1.)), [1])
          return missed + torch.mean(torch.relu(fake + 1.), [1])
          """);

  private static final TorchFunction LEVEL =
      TorchFunction.of("sigma: Tensor", "return torch.log(sigma) * 0.25");

  private final Discriminator discriminator;
  private final Features features;
  private boolean played;

  /** What the discriminator sees of a state. */
  @FunctionalInterface
  public interface Features {

    /**
     * Runs the frozen network; gradients flow to the state.
     *
     * @param store where the parameters' values are, without gradient
     * @param x noisy states, (N, ...)
     * @param sigma their levels, (N)
     * @param conditioning what the frozen network is conditioned on
     * @return the feature maps, on x's manager
     */
    NDList of(ParameterStore store, NDArray x, NDArray sigma, Conditioning conditioning);
  }

  /**
   * What one step of the game is played with.
   *
   * @param truth clean states with their noise, (N, ...)
   * @param noise the same noise, for the student's states, (N, ...)
   * @param sigma the noise's sigmas, (N)
   * @param weight how much each sample counts, (N)
   * @param conditioning what the frozen network is conditioned on
   */
  public record Game(
      NDArray truth, NDArray noise, NDArray sigma, NDArray weight, Conditioning conditioning) {}

  /** Gives parameters as plain numbers. */
  private static final class Numbers extends ParameterStore {

    private final NDManager manager;

    Numbers(NDManager manager) {
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
   * @param discriminator what learns to tell
   * @param features what it sees
   */
  public AdversarialLoss(Discriminator discriminator, Features features) {
    this.discriminator = discriminator;
    this.features = features;
  }

  /** {@inheritDoc} All 0, but with the gradients of both players. */
  @Override
  public NDArray perSample(NDArray output, Game game) {
    if (allZero(game.weight())) {
      return game.weight();
    }
    NDArray value = value(output, game);
    played |= TorchRuntime.recordsGradient();
    return value.sub(value.stopGradient()).mul(game.weight());
  }

  private NDArray value(NDArray fake, Game game) {
    NDManager manager = fake.getManager();
    ParameterStore numbers = new Numbers(manager);
    ParameterStore learning = new ParameterStore(manager, false);
    NDArray sigma = game.sigma();
    NDArray level = LEVEL.call(sigma);
    Conditioning given = game.conditioning();
    NDList drawn = features.of(numbers, fake.add(game.noise()), sigma, given);
    NDList still = new NDList();
    drawn.forEach(map -> still.add(map.stopGradient()));
    NDList real = features.of(numbers, game.truth(), sigma, given);
    return student(discriminator.judge(numbers, manager, drawn, level))
        .add(
            discriminator(
                discriminator.judge(learning, manager, real, level),
                discriminator.judge(learning, manager, still, level)));
  }

  /** The student's term, (N), of what is said of its images, (N, P). */
  static NDArray student(NDArray fake) {
    return STUDENT.call(fake);
  }

  /** The discriminator's term, (N), of what it says of true and of drawn images, (N, P). */
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
   * Tells whether the discriminator has gathered a gradient since this was last asked.
   *
   * @return true if there is one to follow
   */
  public boolean takePlayed() {
    boolean was = played;
    played = false;
    return was;
  }
}
