package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Broadcast;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.model.UNetConfig;
import ai.fresnel.cvs.train.config.OptimizerKind;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.objective.AdversarialLoss;
import ai.fresnel.cvs.train.objective.Discriminator;
import ai.fresnel.cvs.train.optim.ModelOptimizer;
import ai.fresnel.cvs.view.ViewModel;
import java.util.List;
import java.util.Map;

/**
 * Trains a discriminator beside a student. The discriminator looks through the teacher's features
 * at the student's images and the true ones, both with a little of the same noise.
 */
final class AdversarialTraining {

  /** Of the teacher's levels of resolution the finest: what looks wrong there is seen. */
  private static final int MAPS = 2;

  /** The range of the noise, in standard deviations of the data. */
  private static final double LEAST = 0.05;

  private static final double MOST = 1;

  private final ViewModel teacher;
  private final double sigmaData;
  private final double start;
  private final Discriminator discriminator;
  private final AdversarialLoss loss;
  private final ModelOptimizer optimizer;
  private final NDArray steps;

  private AdversarialTraining(
      ViewModel teacher, Scaling preconditioning, TrainingConfig config, NDManager manager) {
    this.teacher = teacher;
    this.sigmaData = teacher.config().sigmaData();
    this.start = config.student().losses().adversarialStart();
    List<Integer> channels =
        teacher.config().unet().levels().stream().map(UNetConfig.Level::channels).toList();
    int maps = Math.min(MAPS, channels.size());
    discriminator = new Discriminator(channels.subList(0, maps));
    Weights.initialize(discriminator, manager, config.run().seed());
    loss =
        new AdversarialLoss(
            discriminator,
            (store, x, sigma, given) -> {
              NDArray scaled = x.mul(Broadcast.expand(preconditioning.cIn(sigma), x));
              return teacher.features(store, scaled, preconditioning.cNoise(sigma), given, maps);
            });
    // Without a mean of gradients, as discriminators are often trained (Karras et al. 2018,
    // "Progressive Growing of GANs", appendix A): what the student draws changes faster than it.
    TrainingConfig own =
        config.toBuilder()
            .optimization(o -> o.withOptimizer(OptimizerKind.ADAMW))
            .optimization(o -> o.withBeta1(0))
            .optimization(o -> o.withWeightDecay(0))
            .build();
    optimizer = ModelOptimizer.of(manager, discriminator, own);
    steps = manager.zeros(new Shape(1));
  }

  /**
   * Makes a discriminator.
   *
   * @param teacher whose features are seen; stays as it is
   * @param config seed, optimiser's settings and when the game begins
   * @param manager where the discriminator lives
   */
  static AdversarialTraining of(ViewModel teacher, TrainingConfig config, NDManager manager) {
    Scaling its = new EdmScaling(teacher.config().sigmaData());
    return new AdversarialTraining(teacher, its, config, manager);
  }

  AdversarialLoss loss() {
    return loss;
  }

  /**
   * Makes the discriminator's inputs of a step, without gradient; before the start no sample
   * counts.
   */
  AdversarialLoss.DiscriminatorInputs discriminatorInputs(ConsistencySamples samples) {
    NoisySamples noisy = samples.noisy();
    NDArray x0 = noisy.x0();
    NDManager manager = noisy.sigma().getManager();
    long[] seeds = noisy.batch().seeds();
    if (samples.progress() < start) {
      NDArray none = manager.zeros(new Shape(seeds.length));
      return new AdversarialLoss.DiscriminatorInputs(x0, x0, none, none, Conditioning.none());
    }
    double[] sigmas = new double[seeds.length];
    for (int i = 0; i < sigmas.length; i++) {
      double u = SampleNoise.uniform(seeds[i], NoiseStreams.GAME_SIGMA, 1)[0];
      sigmas[i] = sigmaData * LEAST * Math.pow(MOST / LEAST, u);
    }
    NDArray sigma = NoisySamples.numbers(manager, sigmas);
    Shape perSample = x0.getShape().slice(1);
    NDArray noise =
        SampleNoise.normal(manager, seeds, NoiseStreams.GAME_NOISE, perSample)
            .mul(Broadcast.expand(sigma, x0));
    Conditioning seen =
        teacher.condition(new ParameterStore(manager, false), noisy.batch().context());
    return new AdversarialLoss.DiscriminatorInputs(
        noise.add(x0), noise, sigma, sigma.onesLike(), seen);
  }

  /**
   * Registers what resuming needs, and moves the discriminator after each update of the student, at
   * the student's rate.
   */
  void join(StageHost host) {
    host.keep("discriminator", Weights.trainable(discriminator));
    optimizer.state().forEach((kind, arrays) -> host.keep("discriminator." + kind, arrays));
    host.keep("discriminator.steps", Map.of("steps", steps));
    host.afterUpdate(
        (rate, scale) -> {
          if (loss.pollGradient()) {
            long step = (long) steps.getFloat() + 1;
            optimizer.step(step, rate, scale);
            steps.set(new float[] {step});
          }
        });
  }
}
