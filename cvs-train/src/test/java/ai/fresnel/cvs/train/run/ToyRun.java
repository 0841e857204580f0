package ai.fresnel.cvs.train.run;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.StepInputs;

/** Trains a network on points of a Gaussian, without a folder. */
public final class ToyRun {

  private ToyRun() {}

  /** Runs a stage for the configured number of samples. */
  public static void run(
      Stage stage,
      Block block,
      BatchSource source,
      TrainingConfig config,
      TrainingListener... listeners) {
    try (Model model = Model.newInstance("toy", Device.cpu(), "PyTorch")) {
      model.setBlock(block);
      try (StageTrainer trainer = new StageTrainer(model, config, new Position(), listeners)) {
        while (trainer.samples() < config.run().maxSamples()) {
          try (NDManager manager = trainer.getManager().newSubManager()) {
            StepInputs inputs;
            try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
              TrainingBatch batch = source.batch(manager, trainer.steps());
              double done = trainer.samples() / (double) config.run().maxSamples();
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
