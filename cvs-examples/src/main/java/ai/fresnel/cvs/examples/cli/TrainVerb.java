package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.train.DiffusionTrainer;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
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
      description = {
        "The network: tiny64 (default), small64 or base256,",
        "or a file with a configuration as a model folder's config.json."
      })
  String preset;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = {
        "Start from the weights of this diffusion model in place of random ones.",
        "Its network is kept; with --preset, that one takes what fits."
      })
  Path from;

  @Override
  public Integer call() throws IOException {
    requireExists(data);
    DiffusionTrainer.Builder trainer = DiffusionTrainer.builder();
    if (from != null) {
      trainer.setFrom(requireExists(from));
    }
    if (from == null || preset != null) {
      trainer.setModel(preset(preset));
    }
    TrainingConfig config = config(TrainingConfig.diffusion());
    return train(
        "train",
        config,
        () -> with(trainer, config, progress -> {}).build().plan(),
        progress -> with(trainer, config, progress).build().train());
  }
}
