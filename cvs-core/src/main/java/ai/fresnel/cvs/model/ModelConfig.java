package ai.fresnel.cvs.model;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;

/**
 * The settings of a network and its noise. Two models with equal configurations have the same
 * parameters by name and shape. Immutable and always valid. Make one by {@link #builder}, a preset,
 * or {@link #fromJson}.
 *
 * <p>Sizes are in pixels, widths in channels, sigmas in units of the state's values. A level is one
 * resolution of the U-Net; level {@code l} has {@code imageSize / fold / 2^l} positions per side.
 * Each group checks itself; this record checks the groups against each other.
 *
 * @param name a short name, letters, digits, {@code . _ -}, 1 to 64 characters
 * @param kind the training stage of the weights
 * @param codec the codec between images and states; {@code imageSize} is divisible by {@code fold ·
 *     2^(levels - 1)} and by {@code conditioner.tokens.grid}
 * @param conditioner the inputs from the photograph and the cameras; the widths of its detail
 *     encoder and of its volume are divisible by the U-Net's groups, the volume's last by its heads
 * @param unet the U-Net; {@code attention.contextChannels} is the tokens' width, {@code
 *     embeddingChannels} is even
 * @param heads the heads after the U-Net
 * @param scaling the scaling of input and output at each sigma, and the noise
 * @param sampling the sampling of a consistency model
 */
public record ModelConfig(
    String name,
    Kind kind,
    CodecConfig codec,
    ConditionerConfig conditioner,
    UNetConfig unet,
    HeadsConfig heads,
    ScalingConfig scaling,
    SamplingConfig sampling) {

  /** The version that {@link #toJson} writes and the highest that {@link #fromJson} reads. */
  public static final int FORMAT_VERSION = 2;

  /** The kind of function that the weights were trained for. */
  public enum Kind {
    /** A denoiser, sampled by solving the probability flow ODE in many passes. */
    DIFFUSION,
    /** A consistency function, sampled in 1 to 4 passes. */
    CONSISTENCY
  }

  /**
   * Checks the groups against each other. Prefer {@link #builder}.
   *
   * @param name as above
   * @param kind as above
   * @param codec as above
   * @param conditioner as above
   * @param unet as above
   * @param heads as above
   * @param scaling as above
   * @param sampling as above
   * @throws IllegalArgumentException if a setting is missing or does not fit another; the message
   *     says the setting, its value and what was expected
   */
  public ModelConfig {
    ConfigChecks.checkName(name);
    Checks.check(kind != null, "kind", kind, "DIFFUSION or CONSISTENCY");
    Checks.present("codec", codec);
    Checks.present("conditioner", conditioner);
    Checks.present("unet", unet);
    Checks.present("heads", heads);
    Checks.present("scaling", scaling);
    Checks.present("sampling", sampling);
    ConfigChecks.checkGrid(codec, conditioner, unet);
    ConfigChecks.checkUNet(codec, conditioner, unet);
    conditioner.detail().ifPresent(detail -> ConfigChecks.checkDetail(detail, unet));
    conditioner.volume().ifPresent(volume -> ConfigChecks.checkVolume(volume, codec, unet));
    ConfigChecks.checkHeads(heads, codec);
    ConfigChecks.checkLatent(codec, conditioner, heads);
    ConfigChecks.checkZero123(conditioner, unet, scaling);
    ConfigChecks.checkSolver(sampling, scaling);
    sampling.check(scaling.noise());
  }

  /**
   * Returns the fast preset: 64×64 images, no frozen encoder, trainable on a CPU.
   *
   * @return the configuration
   */
  public static ModelConfig tiny64() {
    return builder("tiny64", 64)
        .codec(c -> c.withFold(4).withChromaGain(4))
        .conditioner(c -> c.withDetailChannels(64).withVolume(VolumeConfig.of(32, 64, 128)))
        .unet(u -> u.channels(64, 128, 192).attentionDepth(0, 1, 0))
        .heads(h -> h.withRefineChannels(16))
        .noise(n -> n.withMean(0).withDeviation(1.6))
        .build();
  }

  /**
   * Returns the small preset: 64×64 images folded only 2×2. It is half as fast as {@link #tiny64}
   * and better after the same number of pairs, since a position of its finest level covers 4 pixels
   * instead of 16.
   *
   * @return the configuration
   */
  public static ModelConfig small64() {
    return builder("small64", 64)
        .codec(c -> c.withFold(2).withChromaGain(4))
        .conditioner(
            c ->
                c.withDetailChannels(32, 64)
                    .withVolume(
                        VolumeConfig.of(64, 128, 256)
                            .withDepth(2, 2)
                            .withSlices(24)
                            .withResidual(true)))
        .unet(u -> u.channels(48, 96, 192).attentionDepth(0, 0, 1).groups(16))
        .heads(h -> h.withRefineChannels(16))
        .sigmaData(0.25)
        .noise(n -> n.withMean(0.3).withDeviation(1.7))
        .build();
  }

  /**
   * Returns the full preset: 256×256 images, DINOv2 ViT-S/14 tokens, about 210 million parameters.
   *
   * @return the configuration
   */
  public static ModelConfig base256() {
    return builder("base256", 256)
        .codec(c -> c.withFold(4).withChromaGain(4))
        .conditioner(
            c ->
                c.withDetailChannels(64, 128, 256, 384)
                    .withDetailBlocks(2)
                    .withTokenChannels(512)
                    .withVolume(VolumeConfig.of(64, 128, 192).withSlices(32))
                    .withEncoder("dinov2_vits14"))
        .unet(
            u ->
                u.channels(128, 256, 384, 512)
                    .blocks(2)
                    .attentionDepth(0, 0, 3, 2)
                    .headChannels(64)
                    .embeddingChannels(512))
        .heads(h -> h.withRefineChannels(16))
        .build();
  }

  /**
   * Returns the full preset for latents: 256×256 images as latents of 32×32×4, DINOv2 ViT-S/14
   * tokens, a U-Net of about 200 million parameters. The autoencoder is Stable Diffusion's, or any
   * other with 4 channels.
   *
   * @return the configuration
   */
  public static ModelConfig latent256() {
    return builder("latent256", 256)
        .codec(c -> c.withAutoencoder(AutoencoderConfig.KlVae.stableDiffusion()))
        .conditioner(
            c ->
                c.withDetailChannels(128, 256)
                    .withDetailBlocks(2)
                    .withTokenChannels(512)
                    .withEncoder("dinov2_vits14"))
        .unet(
            u ->
                u.channels(128, 256, 384, 512)
                    .blocks(2)
                    .attentionDepth(0, 1, 3, 2)
                    .headChannels(64)
                    .embeddingChannels(512))
        .build();
  }

  /**
   * Returns the shape of Zero123 (Liu et al. 2023): 256×256 images as latents of 32×32×4, a U-Net
   * of 860 million parameters, CLIP ViT-L/14. Its weights are imported; it is no preset for
   * training.
   *
   * @return the configuration
   */
  public static ModelConfig zero123() {
    ConditionerConfig.Zero123 inputs =
        new ConditionerConfig.Zero123(ClipConfig.vitL14(), ConditionerConfig.FourthNumber.RADIUS);
    return new ModelConfig(
        "zero123",
        Kind.DIFFUSION,
        CodecConfig.rgb(256).withAutoencoder(AutoencoderConfig.KlVae.stableDiffusion()),
        ConditionerConfig.zero123(768, inputs),
        UNetConfig.stableDiffusion(),
        HeadsConfig.none(),
        ScalingConfig.Discrete.latentDiffusion(),
        SamplingConfig.defaults().withSolver(SolverConfig.zero123()));
  }

  /**
   * Returns a preset by its name.
   *
   * @param name {@code tiny64}, {@code small64}, {@code base256} or {@code latent256}
   * @return the configuration
   * @throws IllegalArgumentException if there is no such preset
   */
  public static ModelConfig preset(String name) {
    return switch (name) {
      case "tiny64" -> tiny64();
      case "small64" -> small64();
      case "base256" -> base256();
      case "latent256" -> latent256();
      default ->
          throw new IllegalArgumentException(
              "preset is \"" + name + "\", expected tiny64, small64, base256 or latent256");
    };
  }

  /**
   * Returns the height and width of the image.
   *
   * @return pixels
   */
  public int imageSize() {
    return codec.imageSize();
  }

  /**
   * Returns the number of resolutions of the U-Net.
   *
   * @return its levels
   */
  public int levels() {
    return unet.levels().size();
  }

  /**
   * Returns the positions per side at one level of the U-Net.
   *
   * @param level from 0, the finest, to {@code levels() - 1}
   * @return {@code imageSize / fold / 2^level}
   * @throws IndexOutOfBoundsException if there is no such level
   */
  public int gridSize(int level) {
    Objects.checkIndex(level, levels());
    return ConfigChecks.gridSize(codec) >> level;
  }

  /**
   * Returns the settings of the image tokens.
   *
   * @return those of the conditioner
   */
  public TokensConfig tokens() {
    return conditioner.tokens();
  }

  /**
   * Returns whether a volume around the object is predicted from the photograph and rendered from
   * each camera.
   *
   * @return whether the conditioner has one
   */
  public boolean hasVolume() {
    return conditioner.volume().isPresent();
  }

  /**
   * Returns the settings of the volume.
   *
   * @return its settings
   * @throws java.util.NoSuchElementException if there is none
   */
  public VolumeConfig volume() {
    return conditioner.volume().orElseThrow();
  }

  /**
   * Returns the standard deviation of the training states.
   *
   * @return that of {@code scaling}
   */
  public double sigmaData() {
    return scaling.sigmaData();
  }

  /**
   * Returns the settings of the noise.
   *
   * @return that of {@code scaling}
   */
  public NoiseConfig noise() {
    return scaling.noise();
  }

  /**
   * Returns the sigmas of few-step sampling: the chosen ones, otherwise those of the grid.
   *
   * @return an unmodifiable map from the number of passes to its sigmas, in descending order
   */
  public SortedMap<Integer, List<Double>> fewStepSigmas() {
    return sampling.fewStepSigmas().isEmpty() ? noise().fewStepSigmas() : sampling.fewStepSigmas();
  }

  /**
   * Returns a builder with RGB images, no fold, one detail stage of 64 channels, 16×16 tokens of
   * 128, 32 groups, heads of 32 channels, embeddings of 256, no volume, no refiner, no encoder and
   * EDM's noise settings. The widths of the U-Net must be set.
   *
   * @param name the model's short name
   * @param imageSize height and width of the image, pixels
   * @return a new builder
   * @throws IllegalArgumentException if the size is out of range
   */
  public static ModelConfigBuilder builder(String name, int imageSize) {
    return new ModelConfigBuilder(name, imageSize);
  }

  /**
   * Returns a builder that starts from this configuration.
   *
   * @return a new builder
   */
  public ModelConfigBuilder toBuilder() {
    return new ModelConfigBuilder(this);
  }

  /**
   * Returns the text of {@code config.json}: {@code formatVersion}, then every setting by name, in
   * its group.
   *
   * @return a JSON object, indented, ending with a newline
   */
  public String toJson() {
    return ConfigJson.write(this);
  }

  /**
   * Reads the text that {@link #toJson} writes, or the flat text of format version 1. Every setting
   * must be present once; others are refused. In version 1 only {@code depthHead} and the settings
   * of the volume may be missing: older folders have neither. The settings of the lift, {@code
   * liftChannels} and {@code liftSamples}, are dropped if the lift is off.
   *
   * @param json the text
   * @param sourceName what to call the text in errors, usually its path
   * @return the configuration
   * @throws ModelFormatException if the text is not a configuration, or is that of a model with a
   *     lift; the message names the setting
   */
  public static ModelConfig fromJson(String json, String sourceName) throws ModelFormatException {
    return ConfigJson.read(json, sourceName);
  }
}
