package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.GaussianToy;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.run.BatchSource;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;
import java.util.Optional;

/** The stages that train images, for points of a Gaussian too. */
public final class ToyTraining {

  private ToyTraining() {}

  /** Points of the Gaussian, a function of the batch's number. */
  public static BatchSource points(GaussianToy toy, int batchSize, long seed) {
    return (manager, index) -> {
      long[] seeds = SampleNoise.seeds(seed, index * batchSize, batchSize);
      NDArray noise = SampleNoise.normal(manager, seeds, 7, new Shape(toy.dimensions()));
      return TrainingBatch.of(toy.sample(noise), ViewContext.none(), seeds);
    };
  }

  /** Stage 1 on states as they are. */
  public static Stage denoising(
      Scaling preconditioning, LogNormalSigmas sigmas, double conditionDropout) {
    return denoising(preconditioning, sigmas, conditionDropout, StateCodec.identity());
  }

  /** Stage 1 without heads. */
  public static Stage denoising(
      Scaling preconditioning, LogNormalSigmas sigmas, double conditionDropout, StateCodec codec) {
    TrainingConfig config =
        TrainingConfig.diffusion().toBuilder()
            .data(d -> d.withConditionDropout(conditionDropout))
            .losses(l -> l.withRendering(0))
            .build();
    NoiseSchedule schedule = new NoiseSchedule(0.002, 80, 7);
    return new DenoisingStage(
        new DiffusionProcess(preconditioning, schedule, codec),
        sigmas,
        StepEncoder.each(),
        StageConfig.Denoising.plain(),
        Optional.empty(),
        config);
  }

  /** What a student learns of points. */
  static ConsistencyObjective objective(
      Scaling preconditioning, NoiseSchedule schedule, TrainingConfig config) {
    return objective(preconditioning, schedule, config, StateCodec.identity());
  }

  /** What a student learns. */
  static ConsistencyObjective objective(
      Scaling preconditioning, NoiseSchedule schedule, TrainingConfig config, StateCodec codec) {
    return ConsistencyObjective.of(
        new DiffusionProcess(preconditioning, schedule, codec),
        config.student().sigmas().pairs(),
        config);
  }

  /** Distils a teacher by its own solver. */
  public static Stage distillation(
      DenoiserNetwork teacher,
      DenoiserNetwork target,
      Scaling scales,
      NoiseSchedule schedule,
      TrainingConfig config,
      StateCodec codec) {
    return new ConsistencyStage(
        ConsistencyStage.Partner.step(
            Teacher.of(teacher, scales, false), config.student().solver()),
        target,
        objective(scales, schedule, config, codec));
  }

  /** The mean loss of a step. */
  public static NDArray loss(TrainedBlock block, NDManager manager, StepInputs inputs) {
    Outputs outputs = block.run(new ParameterStore(manager, false), inputs);
    return inputs.labels().perSample(outputs).mean();
  }

  /** The label of a term. */
  public static Label label(StepInputs inputs, String term) {
    return (Label) inputs.labels().get(term);
  }
}
