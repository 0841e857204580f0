package ai.fresnel.cvs.train;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.GaussianToy;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.schedule.LogNormalLevels;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;

/** Trains a {@link ToyNetwork} on points of a Gaussian, with the stages that train images. */
final class ToyTraining {

  private ToyTraining() {}

  /** Points of the Gaussian, a function of the batch's number. */
  static BatchSource points(GaussianToy toy, int batchSize, long seed) {
    return (manager, index) -> {
      long[] seeds = SampleNoise.seeds(seed, index * batchSize, batchSize);
      NDArray noise = SampleNoise.normal(manager, seeds, 7, new Shape(toy.dimensions()));
      return TrainingBatch.of(toy.sample(noise), ViewContext.none(), seeds);
    };
  }

  /** Stage 1 on states as they are. */
  static DenoisingStage denoising(
      Scaling preconditioning, LogNormalLevels sigmas, double conditionDropout) {
    return denoising(preconditioning, sigmas, conditionDropout, StateCodec.identity());
  }

  /** Stage 1 without heads. */
  static DenoisingStage denoising(
      Scaling preconditioning, LogNormalLevels sigmas, double conditionDropout, StateCodec codec) {
    TrainingConfig config =
        TrainingConfig.diffusion().toBuilder()
            .conditionDropout(conditionDropout)
            .rendering(0)
            .build();
    return new DenoisingStage(preconditioning, sigmas, codec, config);
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
        config.student().levelPairs(),
        config);
  }

  /** The mean loss of a step. */
  static NDArray loss(TrainedBlock block, NDManager manager, StepInputs inputs) {
    Outputs outputs = block.run(new ParameterStore(manager, false), inputs);
    return inputs.labels().perSample(outputs).mean();
  }

  /** The label of a term. */
  static Label label(StepInputs inputs, String term) {
    return (Label) inputs.labels().get(term);
  }

  /** Runs a stage for the configured number of samples. */
  static void run(
      Stage stage,
      Block block,
      BatchSource source,
      TrainingConfig config,
      TrainingListener... listeners) {
    try (Model model = Model.newInstance("toy", Device.cpu(), "PyTorch")) {
      model.setBlock(block);
      try (StageTrainer trainer = new StageTrainer(model, config, new Position(), listeners)) {
        while (trainer.images() < config.maxImages()) {
          try (NDManager manager = trainer.getManager().newSubManager()) {
            StepInputs inputs;
            try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
              TrainingBatch batch = source.batch(manager, trainer.steps());
              double done = trainer.images() / (double) config.maxImages();
              stage.advance(done);
              inputs = stage.prepare(manager, batch, done);
            }
            trainer.accumulate(trainer.worker(stage), inputs, 1);
            trainer.update();
          }
        }
      }
    }
  }
}
