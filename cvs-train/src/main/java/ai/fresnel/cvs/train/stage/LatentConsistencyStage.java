package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.HuberLoss;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.Outputs;
import java.util.Arrays;
import java.util.List;

/**
 * Stage 2 of a latent model: consistency distillation with skipped timesteps (Luo et al. 2023,
 * algorithm 1). A noisy latent at one of the solver's timesteps t and what the guided teacher makes
 * of it at {@code s = max(t - T / solverSteps, 0)} lie on one trajectory, by one step of DDIM: the
 * student must give both the same latent. The lower one, the target, has no gradient.
 */
final class LatentConsistencyStage implements Stage {

  private final LatentProcess process;
  private final Teacher teacher;
  private final DenoiserNetwork target;
  private final StepEncoder encoder;
  private final double conditionDropout;
  private final Objective<LatentStep> objective;

  /** The samples of a step and their targets. */
  private record LatentStep(NDArray sigma, NDArray target) {}

  /**
   * Makes the stage.
   *
   * @param process how latents are noisy
   * @param teacher the guided teacher
   * @param target the network whose prediction at s is the target
   * @param encoder encodes a step's condition
   * @param conditionDropout the share of samples whose condition is dropped
   */
  LatentConsistencyStage(
      LatentProcess process,
      Teacher teacher,
      DenoiserNetwork target,
      StepEncoder encoder,
      double conditionDropout) {
    this.process = process;
    this.teacher = teacher;
    this.target = target;
    this.encoder = encoder;
    this.conditionDropout = conditionDropout;
    objective =
        new Objective<>(
            List.of(
                new Term<LatentStep, Label>(
                    "consistency",
                    1,
                    new HuberLoss(process.settings().huber()),
                    Outputs.X0,
                    step -> new Label(step.target(), step.sigma().onesLike()))));
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    int[] timesteps = timesteps(batch.seeds());
    double[] sigmas = Arrays.stream(timesteps).mapToDouble(process.timesteps()::sigma).toArray();
    NoisySamples samples =
        NoisySamples.draw(manager, batch, process.codec(), sigmas, conditionDropout)
            .guided(manager, process.settings().guidance());
    StepCondition condition = encoder.encode(new ParameterStore(manager, false), samples.context());
    return inputs(manager, samples.x(), timesteps, condition);
  }

  /** Draws each sample's timestep, each of the solver's as likely as another. */
  private int[] timesteps(long[] seeds) {
    int steps = process.settings().solverSteps();
    int skipped = process.timesteps().count() / steps;
    int[] timesteps = new int[seeds.length];
    for (int i = 0; i < seeds.length; i++) {
      float u = SampleNoise.uniform(seeds[i], NoiseStreams.SIGMA, 1)[0];
      timesteps[i] = (Math.min(steps - 1, (int) (u * steps)) + 1) * skipped - 1;
    }
    return timesteps;
  }

  /**
   * Makes the inputs and labels of noisy latents.
   *
   * @param x latents in EDM time, (N, ...)
   * @param timesteps their timesteps t
   */
  StepInputs inputs(NDManager manager, NDArray x, int[] timesteps, StepCondition condition) {
    int skipped = process.timesteps().count() / process.settings().solverSteps();
    NDArray sigma = sigmas(manager, timesteps, x.getDataType());
    int[] skippedTo = Arrays.stream(timesteps).map(t -> Math.max(t - skipped, 0)).toArray();
    NDArray lower = sigmas(manager, skippedTo, x.getDataType());
    NDArray xNext =
        OdeSolver.EULER.step(
            teacher.bind(manager, condition), x, sigma, lower, Conditioning.none());
    ParameterStore store = new ParameterStore(manager, false);
    Denoiser f = process.consistency(target.denoiser(store, process.scaling()));
    NDArray label = f.denoise(xNext, lower, condition.of(target, store));
    return new StepInputs(x, sigma, condition, objective.label(new LatentStep(sigma, label)));
  }

  /** The sigmas of timesteps, of the latents' type: a step in double precision is so throughout. */
  private NDArray sigmas(NDManager manager, int[] timesteps, DataType type) {
    double[] sigmas = Arrays.stream(timesteps).mapToDouble(process.timesteps()::sigma).toArray();
    return NoisySamples.numbers(manager, sigmas).toType(type, false);
  }
}
