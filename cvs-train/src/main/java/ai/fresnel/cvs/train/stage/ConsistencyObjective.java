package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.train.config.ConsistencyConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.objective.AdversarialLoss;
import ai.fresnel.cvs.train.objective.DenoisingLoss;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.MultiViewLoss;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.PerceptualLoss;
import ai.fresnel.cvs.train.objective.PhotometricLoss;
import ai.fresnel.cvs.train.objective.PseudoHuberLoss;
import ai.fresnel.cvs.train.objective.SampleLoss;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.train.objective.ViewWarp;
import ai.fresnel.cvs.train.schedule.SigmaPairs;
import ai.fresnel.cvs.view.Outputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The common part of a student's stages: how noisy states are drawn and which losses are minimised
 * there.
 *
 * @param process how states are noisy
 * @param pairs draws a pair of sigmas for each sample
 * @param settings the run's settings
 * @param terms the losses that the settings name
 */
record ConsistencyObjective(
    DiffusionProcess process,
    SigmaPairs pairs,
    TrainingConfig settings,
    Objective<ConsistencyStep> terms) {

  /** An objective without losses that need more than the settings. */
  static ConsistencyObjective of(
      DiffusionProcess process, SigmaPairs pairs, TrainingConfig settings) {
    return of(process, pairs, settings, Optional.empty(), Optional.empty());
  }

  /**
   * Adds up the losses that the settings name.
   *
   * @param lpips what perceptual losses compare with; empty where there are none
   * @param adversary the opponent; empty where the adversarial loss has no weight
   */
  static ConsistencyObjective of(
      DiffusionProcess process,
      SigmaPairs pairs,
      TrainingConfig settings,
      Optional<Lpips> lpips,
      Optional<AdversarialTraining> adversary) {
    ConsistencyConfig config = settings.student();
    Optional<PerceptualLoss> perceptual =
        lpips.map(distance -> new PerceptualLoss(distance, process.codec()));
    Function<ConsistencyStep, Label> truthBelow =
        step ->
            new Label(
                step.noisy().x0(),
                step.samples().each(pair -> pair.sigma() <= config.losses().truthSigma() ? 1 : 0));
    List<Term<? super ConsistencyStep, ?>> terms = new ArrayList<>();
    terms.add(
        new Term<ConsistencyStep, Label>(
            "consistency",
            1,
            distance(config, perceptual),
            Outputs.X0,
            step ->
                new Label(
                    step.target(),
                    step.samples().each(pair -> config.match().weighting().weight(pair)))));
    if (config.losses().photometric() > 0) {
      terms.add(
          new Term<>(
              "photometric",
              config.losses().photometric(),
              new PhotometricLoss(),
              Outputs.X0,
              truthBelow));
    }
    if (config.losses().perceptual() > 0) {
      terms.add(
          new Term<>(
              "perceptual",
              config.losses().perceptual(),
              perceptual.orElseThrow(),
              Outputs.X0,
              truthBelow));
    }
    if (config.losses().multiView() > 0) {
      terms.add(
          new Term<ConsistencyStep, Label>(
              "multi_view",
              config.losses().multiView(),
              new MultiViewLoss(process.codec()),
              Outputs.X0,
              step -> new Label(partners(step.noisy()), step.noisy().ones())));
    }
    adversary.ifPresent(
        opponent ->
            terms.add(
                new Term<ConsistencyStep, AdversarialLoss.DiscriminatorInputs>(
                    "adversarial",
                    config.losses().adversarial(),
                    opponent.loss(),
                    Outputs.X0,
                    step -> opponent.discriminatorInputs(step.samples()))));
    terms.addAll(HeadTerms.of(settings, process.codec(), ConsistencyStep::noisy));
    if (settings.stage().trainsTeacher()) {
      terms.add(
          new Term<ConsistencyStep, Label>(
              "teacher",
              1,
              new DenoisingLoss(),
              JointBlock.TEACHER,
              step ->
                  new Label(
                      step.noisy().x0(),
                      process.preconditioning().lossWeight(step.noisy().sigma()))));
    }
    return new ConsistencyObjective(process, pairs, settings, new Objective<>(terms));
  }

  private static SampleLoss<Label> distance(
      ConsistencyConfig config, Optional<PerceptualLoss> perceptual) {
    return switch (config.match().distance()) {
      case PSEUDO_HUBER -> new PseudoHuberLoss();
      case SQUARED -> new DenoisingLoss();
      case LPIPS -> perceptual.orElseThrow();
    };
  }

  private static NDArray partners(NoisySamples samples) {
    return ViewWarp.partners(samples.depth(), samples.context().cameras());
  }

  /** The inputs of a step whose target is known. */
  StepInputs inputs(ConsistencySamples samples, StepCondition condition, NDArray target) {
    return new StepInputs(
        samples.noisy().x(),
        samples.noisy().sigma(),
        condition,
        terms.label(new ConsistencyStep(samples, target)));
  }
}
