package ai.fresnel.cvs.examples.cli;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.DiffusionTrainer;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.lpips.Lpips;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs train}: trains a diffusion teacher (stage 1). */
@Command(
    name = "train",
    description = {
      "Train a diffusion model on a view set (stage 1).",
      "Repeat the command to resume a stopped run."
    })
final class TrainVerb extends TrainingVerb {

  @Option(
      names = "--preset",
      paramLabel = "P",
      description =
          "The network: tiny64 (default), small64, base256 or latent256, "
              + "or a configuration file such as a model folder's config.json.")
  String preset;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description =
          "Start from the weights of this diffusion model instead of random weights. "
              + "Keeps its network; with --preset, copies the weights that fit the preset.")
  Path from;

  @ArgGroup(exclusive = false)
  LpipsOptions lpips;

  @Option(
      names = "--encoder",
      paramLabel = "DIR",
      description =
          "Give the preset this frozen DINOv2, which `cvs import --as dinov2` wrote; "
              + "the same again to resume.")
  Path encoder;

  @Option(
      names = "--autoencoder",
      paramLabel = "DIR",
      description =
          "Diffuse the latents of this frozen autoencoder, which `cvs import --as vae|taesd` wrote, "
              + "with a preset of latents; the same again to resume.")
  Path autoencoder;

  @Override
  public Integer call() throws IOException {
    require(encoder == null || from == null, "--encoder is for a new network: --from has its own");
    require(
        autoencoder == null || from == null,
        "--autoencoder is for a new network: --from has its own");
    requireExists(data);
    DiffusionTrainer.Builder trainer = DiffusionTrainer.builder();
    if (from != null) {
      trainer.setFrom(requireExists(from));
    }
    if (from == null || preset != null) {
      trainer.setModel(preset(preset));
    }
    if (encoder != null) {
      trainer.optEncoder(requireExists(encoder));
    }
    if (autoencoder != null) {
      trainer.optAutoencoder(requireExists(autoencoder));
    }
    TrainingConfig config = config(TrainingConfig.diffusion());
    try (NDManager manager = TorchRuntime.newManager(device());
        Lpips images = lpips == null ? null : lpips.load(manager)) {
      trainer.optLpips(images);
      return train(
          "train",
          config,
          () -> with(trainer, config, progress -> {}).build().plan(),
          progress -> with(trainer, config, progress).build().train());
    }
  }
}
