package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.diffusion.TimestepSpacing;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.ClipConfig;
import ai.fresnel.cvs.model.CodecConfig;
import ai.fresnel.cvs.model.ConditionerConfig;
import ai.fresnel.cvs.model.ConditionerConfig.FourthNumber;
import ai.fresnel.cvs.model.HeadsConfig;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.SamplingConfig;
import ai.fresnel.cvs.model.ScalingConfig;
import ai.fresnel.cvs.model.SolverConfig;
import ai.fresnel.cvs.model.UNetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the folders of a pipeline of diffusers that say what its networks are. */
final class Zero123Networks {

  private static final String SCHEDULER = "scheduler";
  private static final String SCHEDULER_CONFIG = "scheduler_config.json";

  private Zero123Networks() {}

  /**
   * Describes a model of the published sizes.
   *
   * @param kind the kind, which names the model
   */
  static ModelConfig published(ImportKind kind) {
    ModelConfig zero123 = ModelConfig.zero123();
    return model(
        kind,
        zero123.imageSize(),
        new Parts(
            zero123.unet(),
            AutoencoderConfig.KlVae.stableDiffusion(),
            ClipConfig.vitL14(),
            SolverConfig.zero123()));
  }

  /**
   * Finds a description beside a checkpoint.
   *
   * @param checkpoint a file
   * @return its folder, if that is a pipeline's
   */
  static Optional<Path> beside(Path checkpoint) {
    Path folder = checkpoint.toAbsolutePath().getParent();
    return Files.exists(folder.resolve(DiffusersNames.UNET).resolve(ForeignConfig.NAME))
        ? Optional.of(folder)
        : Optional.empty();
  }

  /**
   * Describes the model of a pipeline.
   *
   * @param kind the kind
   * @param root the pipeline's folder
   * @throws ModelFormatException if it is none of Zero123's networks
   */
  static ModelConfig read(ImportKind kind, Path root) throws IOException {
    ForeignConfig unet = ForeignConfig.of(root.resolve(DiffusersNames.UNET));
    AutoencoderConfig.KlVae vae =
        DiffusersConfigs.vae(ForeignConfig.of(root.resolve(DiffusersNames.VAE)));
    ClipConfig clip =
        DiffusersConfigs.clip(ForeignConfig.of(root.resolve(DiffusersNames.IMAGE_ENCODER)));
    // The noisy latent and the photograph's are read, the noise is predicted.
    unet.require("in_channels", String.valueOf(2 * vae.latentChannels()))
        .require("out_channels", String.valueOf(vae.latentChannels()));
    int imageSize = unet.integer("sample_size") * vae.factor();
    UNetConfig shape = DiffusersConfigs.unet(unet);
    ForeignConfig.of(root.resolve(DiffusersNames.CC_PROJECTION))
        .require("in_channel", String.valueOf(clip.embedding() + 4))
        .require("out_channel", String.valueOf(shape.attention().contextChannels()));
    try {
      return model(kind, imageSize, new Parts(shape, vae, clip, solver(root)));
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(root + ": not supported: " + e.getMessage(), e);
    }
  }

  private static SolverConfig solver(Path root) throws IOException {
    SolverConfig usual = SolverConfig.zero123();
    Path file = root.resolve(SCHEDULER).resolve(SCHEDULER_CONFIG);
    if (!Files.exists(file)) {
      return usual;
    }
    ForeignConfig config = ForeignConfig.read(file);
    DiffusersConfigs.requireSchedule(config);
    String spacing = config.string("timestep_spacing", "leading");
    TimestepSpacing chosen =
        switch (spacing) {
          case "leading" -> new TimestepSpacing.Leading(config.integer("steps_offset", 0));
          case "trailing" -> new TimestepSpacing.Trailing();
          default -> throw config.wrong("timestep_spacing", "\"leading\" or \"trailing\"");
        };
    boolean endsAtZero = config.bool("set_alpha_to_one", true);
    return new SolverConfig(
        usual.method(),
        chosen,
        usual.steps(),
        endsAtZero,
        usual.eta(),
        usual.guidance(),
        usual.nullCondition());
  }

  /** The parts of a model. */
  private record Parts(
      UNetConfig unet, AutoencoderConfig.KlVae vae, ClipConfig clip, SolverConfig solver) {}

  private static ModelConfig model(ImportKind kind, int imageSize, Parts parts) {
    FourthNumber fourth =
        kind == ImportKind.STABLE_ZERO123 ? FourthNumber.SOURCE_POLAR : FourthNumber.RADIUS;
    return new ModelConfig(
        kind == ImportKind.STABLE_ZERO123 ? "stable-zero123" : "zero123",
        ModelConfig.Kind.DIFFUSION,
        CodecConfig.rgb(imageSize).withAutoencoder(parts.vae()),
        ConditionerConfig.zero123(
            parts.unet().attention().contextChannels(),
            new ConditionerConfig.Zero123(parts.clip(), fourth)),
        parts.unet(),
        HeadsConfig.none(),
        ScalingConfig.Discrete.latentDiffusion(),
        SamplingConfig.defaults().withSolver(parts.solver()));
  }
}
