package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.DenoisingLoss;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.view.Outputs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Stage 1: learn to denoise (Karras et al. 2022, section 5), with the heads that have a loss. */
final class DenoisingStage implements Stage {

  private final StateCodec codec;
  private final LogNormalSigmas sigmas;
  private final double conditionDropout;
  private final Objective<NoisySamples> objective;

  /**
   * Makes the stage.
   *
   * @param preconditioning gives the weight of each sigma
   * @param sigmas how sigmas are drawn
   * @param codec makes states of images
   * @param config the settings of one network: no weight for what it has no part for
   */
  DenoisingStage(
      Scaling preconditioning, LogNormalSigmas sigmas, StateCodec codec, TrainingConfig config) {
    this.codec = codec;
    this.sigmas = sigmas;
    conditionDropout = config.data().conditionDropout();
    List<Term<? super NoisySamples, ?>> terms = new ArrayList<>();
    terms.add(
        new Term<NoisySamples, Label>(
            "denoising",
            1,
            new DenoisingLoss(),
            Outputs.X0,
            samples -> new Label(samples.x0(), preconditioning.lossWeight(samples.sigma()))));
    terms.addAll(HeadTerms.of(config, codec, UnaryOperator.identity()));
    objective = new Objective<>(terms);
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    double[] drawn = sigmas.draw(batch.seeds(), NoiseStreams.SIGMA);
    NoisySamples samples = NoisySamples.draw(manager, batch, codec, drawn, conditionDropout);
    return new StepInputs(
        samples.x(),
        samples.sigma(),
        StepCondition.raw(samples.context()),
        objective.label(samples));
  }
}
