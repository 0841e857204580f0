package ai.fresnel.cvs.model;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;

/**
 * Everything that decides a network's shape and how its noise is scaled: two models with equal
 * configurations have the same parameters by name and shape. Immutable and always valid; made by
 * {@link #builder}, by a preset, or by {@link #fromJson}.
 *
 * <p>Sizes are in pixels, widths in channels, sigmas in units of the state's values. A level is one
 * resolution of the U-Net; level {@code l} works on {@code imageSize / fold / 2^l} positions a
 * side. Each group checks itself; what they must have in common is checked here.
 *
 * @param name a short name, letters, digits, {@code . _ -}, 1 to 64 characters
 * @param kind which training stage the weights come from
 * @param codec how images become states; {@code imageSize} is divisible by {@code fold · 2^(levels
 *     - 1)} and by {@code conditioner.tokens.grid}
 * @param conditioner what the network knows of the photograph and the cameras; the widths of its
 *     detail encoder and of its volume are divisible by the U-Net's groups, the volume's last by
 *     its heads
 * @param unet the U-Net; {@code attention.contextChannels} is the tokens' width, {@code
 *     embeddingChannels} is even
 * @param heads what follows the U-Net
 * @param scaling how input and output are scaled at each sigma, and the noise
 * @param sampling how a consistency model draws
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

  /** What the weights were trained to be. */
  public enum Kind {
    /** A denoiser, sampled by solving the probability flow ODE in many passes. */
    DIFFUSION,
    /** A consistency function, sampled in 1 to 4 passes. */
    CONSISTENCY
  }

  /**
   * Checks the groups with each other; {@link #builder} is the convenient way here.
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
    ConfigChecks.checkDetail(conditioner.detail(), unet);
    conditioner.volume().ifPresent(volume -> ConfigChecks.checkVolume(volume, codec, unet));
    ConfigChecks.checkHeads(heads, codec);
    sampling.check(scaling.noise());
  }

  /**
   * The fast preset: 64×64 images, no frozen encoder, trainable on a CPU.
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
   * The small preset: 64×64 images folded 2×2 only. Half as fast as {@link #tiny64} and better from
   * the same pairs, since a position of its finest level stands for 4 pixels instead of 16.
   *
   * @return the configuration
   */
  public static ModelConfig small64() {
    return builder("small64", 64)
        .codec(c -> c.withFold(2).withChromaGain(4))
        .conditioner(c -> c.withDetailChannels(32, 64).withVolume(VolumeConfig.of(48, 96, 192)))
        .unet(u -> u.channels(48, 96, 192).attentionDepth(0, 0, 1).groups(16))
        .heads(h -> h.withRefineChannels(16))
        .noise(n -> n.withMean(1).withDeviation(1.7))
        .build();
  }

  /**
   * The full preset: 256×256 images, DINOv2 ViT-S/14 tokens, about 210 million parameters.
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
   * A preset by its name.
   *
   * @param name {@code tiny64}, {@code small64} or {@code base256}
   * @return the configuration
   * @throws IllegalArgumentException if there is no such preset
   */
  public static ModelConfig preset(String name) {
    return switch (name) {
      case "tiny64" -> tiny64();
      case "small64" -> small64();
      case "base256" -> base256();
      default ->
          throw new IllegalArgumentException(
              "preset is \"" + name + "\", expected tiny64, small64 or base256");
    };
  }

  /**
   * Height and width of the image.
   *
   * @return pixels
   */
  public int imageSize() {
    return codec.imageSize();
  }

  /**
   * The number of resolutions of the U-Net.
   *
   * @return its levels
   */
  public int levels() {
    return unet.levels().size();
  }

  /**
   * Positions a side at one level of the U-Net.
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
   * The image tokens.
   *
   * @return those of the conditioner
   */
  public TokensConfig tokens() {
    return conditioner.tokens();
  }

  /**
   * Returns whether the photograph becomes a volume around the object, rendered from each camera.
   *
   * @return whether the conditioner has one
   */
  public boolean hasVolume() {
    return conditioner.volume().isPresent();
  }

  /**
   * The volume.
   *
   * @return its settings
   * @throws java.util.NoSuchElementException if there is none
   */
  public VolumeConfig volume() {
    return conditioner.volume().orElseThrow();
  }

  /**
   * The standard deviation of the training images' values as they are diffused.
   *
   * @return that of {@code scaling}
   */
  public double sigmaData() {
    return scaling.sigmaData();
  }

  /**
   * The noise.
   *
   * @return that of {@code scaling}
   */
  public NoiseConfig noise() {
    return scaling.noise();
  }

  /**
   * The sigmas of few-step sampling: those that were chosen, else those of the grid.
   *
   * @return an unmodifiable map from the number of passes to its sigmas, falling
   */
  public SortedMap<Integer, List<Double>> fewStepSigmas() {
    return sampling.fewStepSigmas().isEmpty() ? noise().fewStepSigmas() : sampling.fewStepSigmas();
  }

  /**
   * A builder with RGB images, no fold, one detail stage of 64 channels, 16×16 tokens of 128, 32
   * groups, heads of 32 channels, embeddings of 256, no volume, nothing refined, no encoder and
   * EDM's noise settings; the widths of the U-Net must be given.
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
   * A builder that starts from this configuration.
   *
   * @return a new builder
   */
  public ModelConfigBuilder toBuilder() {
    return new ModelConfigBuilder(this);
  }

  /**
   * The configuration as the text of {@code config.json}: {@code formatVersion}, then every setting
   * by name, in its group.
   *
   * @return a JSON object, indented, ending with a newline
   */
  public String toJson() {
    return ConfigJson.write(this);
  }

  /**
   * Reads what {@link #toJson} wrote, or what it wrote in format version 1, where settings stood
   * side by side. All settings must be there, none twice, none else. In version 1 only {@code
   * depthHead} and the volume's may be missing: folders are older than they, and have none; the
   * settings of the lift, {@code liftChannels} and {@code liftSamples}, are read and dropped where
   * there was none.
   *
   * @param json the text
   * @param sourceName what to call the text in errors, usually its path
   * @return the configuration
   * @throws ModelFormatException if the text is not a configuration, or that of a model with a
   *     lift; names the setting
   */
  public static ModelConfig fromJson(String json, String sourceName) throws ModelFormatException {
    return ConfigJson.read(json, sourceName);
  }
}
