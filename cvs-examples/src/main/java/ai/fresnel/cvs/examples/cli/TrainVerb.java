package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.DiffusionTrainer;
import ai.fresnel.cvs.train.TrainingConfig;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs train}: stage 1, a diffusion teacher. */
@Command(
    name = "train",
    description = {
      "Train a diffusion model on a view set (stage 1).",
      "The same command goes on with a run that was stopped."
    })
final class TrainVerb extends TrainingVerb {

  @Option(
      names = "--preset",
      paramLabel = "P",
      description = "The network: tiny64 or base256 (default ${DEFAULT-VALUE}).")
  String preset = "tiny64";

  @Override
  public Integer call() throws IOException {
    requireExists(data);
    ModelConfig model;
    try {
      model = ModelConfig.preset(preset);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    TrainingConfig config = config(TrainingConfig.diffusion());
    return train(
        "train",
        config,
        progress ->
            DiffusionTrainer.builder()
                .setModel(model)
                .setData(data)
                .setRun(output)
                .optConfig(config)
                .optDevice(device())
                .optProgress(progress)
                .build()
                .train());
  }
}
