package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.objective.DenoisingLoss;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.OnePassLoss;
import ai.fresnel.cvs.train.objective.PerceptualLoss;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.view.Outputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Stage 1: learn to denoise (Karras et al. 2022, section 5), with the heads that have a loss, and
 * to draw a share of the samples in one pass without noise.
 */
final class DenoisingStage implements Stage {

  private final DiffusionProcess process;
  private final LogNormalSigmas sigmas;
  private final StepEncoder encoder;
  private final OnePassSamples onePass;
  private final double conditionDropout;
  private final Objective<NoisySamples> objective;

  /**
   * Makes the stage.
   *
   * @param process how states are noisy
   * @param sigmas how sigmas are drawn
   * @param encoder encodes a step's condition
   * @param stage what is trained, and how many samples are drawn in one pass
   * @param lpips what the perceptual loss compares with; empty where it has no weight
   * @param config the settings of one network: no weight for what it has no part for
   */
  DenoisingStage(
      DiffusionProcess process,
      LogNormalSigmas sigmas,
      StepEncoder encoder,
      StageConfig.Denoising stage,
      Optional<Lpips> lpips,
      TrainingConfig config) {
    this.process = process;
    this.sigmas = sigmas;
    this.encoder = encoder;
    onePass = new OnePassSamples(stage.onePass(), process.schedule().sigmaMax());
    conditionDropout = config.data().conditionDropout();
    List<Term<? super NoisySamples, ?>> terms = new ArrayList<>();
    terms.add(
        new Term<NoisySamples, Label>(
            "denoising",
            1,
            new DenoisingLoss(),
            Outputs.X0,
            samples -> new Label(samples.x0(), noisyWeight(samples))));
    if (stage.onePass() > 0) {
      terms.add(
          new Term<NoisySamples, Label>(
              "onePass",
              1,
              new OnePassLoss(process.codec(), stage.onePassGradient()),
              Outputs.X0,
              samples -> new Label(samples.x0(), samples.onePass().orElseThrow())));
    }
    if (stage.needsLpips()) {
      terms.add(
          new Term<NoisySamples, Label>(
              "onePassLpips",
              stage.onePassLpips(),
              new PerceptualLoss(lpips.orElseThrow(), process.codec()),
              Outputs.X0,
              samples -> new Label(samples.x0(), samples.onePass().orElseThrow())));
    }
    terms.addAll(HeadTerms.of(config, process.codec(), UnaryOperator.identity()));
    objective = new Objective<>(terms);
  }

  private NDArray noisyWeight(NoisySamples samples) {
    NDArray weight = process.preconditioning().lossWeight(samples.sigma());
    return samples
        .onePass()
        .map(chosen -> weight.mul(chosen.onesLike().sub(chosen)))
        .orElse(weight);
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    boolean[] chosen = onePass.draw(batch.seeds());
    double[] drawn = onePass.sigmas(chosen, sigmas.draw(batch.seeds(), NoiseStreams.SIGMA));
    NoisySamples samples =
        NoisySamples.draw(manager, batch, process.codec(), drawn, conditionDropout);
    ParameterStore store = new ParameterStore(manager, false);
    StepCondition condition = encoder.encode(store, samples.context());
    if (onePass.share() > 0) {
      Optional<NDArray> mean = condition.encoded().orElseThrow().keptMean(manager);
      samples = samples.starting(mean, OnePassSamples.mask(manager, chosen));
    }
    return new StepInputs(samples.x(), samples.sigma(), condition, objective.label(samples));
  }

  /**
   * Chooses samples that learn to be drawn in one pass without noise: they start as a sampler does
   * at temperature 0.
   *
   * @param share of all samples, 0 to 1
   * @param sigmaMax the sigma that they read
   */
  private record OnePassSamples(double share, double sigmaMax) {

    /** Which samples are chosen, by their seeds. */
    boolean[] draw(long[] seeds) {
      boolean[] chosen = new boolean[seeds.length];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = SampleNoise.uniform(seeds[i], NoiseStreams.ONE_PASS, 1)[0] < share;
      }
      return chosen;
    }

    /** The sigmas with sigmaMax for those chosen. */
    double[] sigmas(boolean[] chosen, double[] drawn) {
      double[] sigmas = drawn.clone();
      for (int i = 0; i < sigmas.length; i++) {
        if (chosen[i]) {
          sigmas[i] = sigmaMax;
        }
      }
      return sigmas;
    }

    /** 1 for those chosen, else 0, (N). */
    static NDArray mask(NDManager manager, boolean[] chosen) {
      double[] mask = new double[chosen.length];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = chosen[i] ? 1 : 0;
      }
      return NoisySamples.numbers(manager, mask);
    }
  }
}
