package ai.fresnel.cvs.examples.cli;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.ConsistencyTrainer;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.lpips.Lpips;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs distill}: trains a student that draws in one pass (stage 2). */
@Command(
    name = "distill",
    description = {
      "Distil a diffusion model into a consistency model (stage 2),",
      "or train a consistency model without one.",
      "Repeat the command to resume a stopped run."
    })
final class DistillVerb extends TrainingVerb {

  @Option(
      names = "--teacher",
      paramLabel = "DIR",
      description = "The model folder of the diffusion model; the student starts from its weights.")
  Path teacher;

  @Option(
      names = "--from-scratch",
      description =
          "Start from random weights and learn from the data alone "
              + "(with a recipe whose method is training, such as ct, or with trainTeacher).")
  boolean fromScratch;

  @Option(
      names = "--preset",
      paramLabel = "P",
      description =
          "With --from-scratch, the network: tiny64 (default), small64 or base256, "
              + "or a configuration file such as a model folder's config.json.")
  String preset;

  @ArgGroup(exclusive = false)
  LpipsOptions lpips;

  @Override
  public Integer call() throws IOException {
    requireExists(data);
    require((teacher == null) == fromScratch, "expected one of --teacher DIR and --from-scratch");
    require(preset == null || fromScratch, "--preset is for --from-scratch: a teacher has its own");
    ConsistencyTrainer.Builder trainer = ConsistencyTrainer.builder();
    if (fromScratch) {
      trainer.setModel(preset(preset));
    } else {
      trainer.setTeacher(requireExists(teacher));
    }
    TrainingConfig config = config(TrainingConfig.consistency());
    try (NDManager manager = TorchRuntime.newManager(device());
        Lpips images = lpips == null ? null : lpips.load(manager)) {
      trainer.optLpips(images);
      return train(
          "distill",
          config,
          () -> with(trainer, config, progress -> {}).build().plan(),
          progress -> with(trainer, config, progress).build().train());
    }
  }
}
