package ai.fresnel.cvs.train;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.diffusion.GaussianToy;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.torch.TorchRuntime;

/** Trains a {@link ToyNetwork} on points of a Gaussian, with the stages that train pictures. */
final class ToyTraining {

  private ToyTraining() {}

  /** Points of the Gaussian, a function of the batch's number. */
  static BatchSource points(GaussianToy toy, int batchSize, long seed) {
    return (manager, index) -> {
      long[] seeds = SampleNoise.seeds(seed, index * batchSize, batchSize);
      NDArray noise = SampleNoise.normal(manager, seeds, 7, new Shape(toy.dimensions()));
      return new TrainingBatch(toy.sample(noise), new NDList(), seeds);
    };
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
      DefaultTrainingConfig djl =
          new DefaultTrainingConfig(stage.loss())
              .optDevices(new Device[] {Device.cpu()})
              .addTrainingListeners(listeners);
      try (StageTrainer trainer = new StageTrainer(model, djl, config, new Position())) {
        while (trainer.images() < config.maxImages()) {
          try (NDManager manager = trainer.getManager().newSubManager()) {
            StepInputs inputs;
            try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
              TrainingBatch batch = source.batch(manager, trainer.steps());
              double done = trainer.images() / (double) config.maxImages();
              stage.advance(done);
              inputs = stage.prepare(manager, batch, done);
            }
            trainer.accumulate(inputs, 1);
            trainer.update();
          }
        }
      }
    }
  }
}
