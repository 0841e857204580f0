package ai.fresnel.cvs.model;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that decides a network's shape and how its noise is scaled: two models with equal
 * configurations have the same parameters by name and shape. Immutable and always valid; made by
 * {@link #builder()}, by a preset, or by {@link #fromJson}.
 *
 * <p>Sizes are in pixels, widths in channels, noise levels in units of the picture's values (which
 * lie in [-1, 1]). A level is one resolution of the U-Net; level {@code l} works on {@code
 * pictureSize / fold / 2^l} positions a side.
 *
 * @param name a short name, letters, digits, {@code . _ -}, 1 to 64 characters
 * @param kind which training stage the weights come from
 * @param pictureSize height and width of the picture, 8 to 2048; divisible by {@code fold ·
 *     2^(levels - 1)} and by {@code tokenGrid}
 * @param pictureChannels channels of the diffused picture, 1 to 64 (3 for RGB, and where a DINOv2
 *     is used)
 * @param chromaGain how much farther from grey the diffused picture is than the picture, 1 (as it
 *     is) to 16; 1 unless there are 3 channels. See {@link ai.fresnel.cvs.encoder.PictureCodec}
 * @param fold factor of the pixel unshuffle before the first convolution, a power of two, 1 to 32
 * @param channels width of each level from the finest, 1 to 8 levels of 1 to 8192, each divisible
 *     by {@code groups}
 * @param layers residual blocks a level, 1 to 64
 * @param attentionDepth transformer blocks at each attention site of a level, 0 (no attention) to
 *     64; as long as {@code channels}
 * @param headChannels width of an attention head, 1 to 1024; divides the width of each level with
 *     attention
 * @param groups groups of a group norm, 1 to 1024
 * @param embeddingChannels width D of the noise and pose embeddings, even, 2 to 8192
 * @param tokenChannels width of the image tokens that cross-attention reads, 1 to 8192
 * @param detailChannels width of each stage of the detail encoder, 1 to 8 stages of 1 to 8192, each
 *     divisible by {@code groups}
 * @param tokenGrid image tokens a side, 1 to 64: 16 means 256 tokens; 16 where a DINOv2 is used
 * @param volumeChannels width of each level of the U-Net that makes a volume of the photograph,
 *     from the finest, none (no volume) to 8 levels of 1 to 8192, each divisible by {@code groups},
 *     the last by {@code headChannels}
 * @param volumeSlices slices of the volume, 2 to 256
 * @param volumeFeatures what is known at each place of the volume beside its density, colours
 *     first, {@code pictureChannels} to 256
 * @param refineChannels width of the convolutions at the picture's resolution that correct the
 *     U-Net's output, 0 (none) to 8192
 * @param depthHead whether the network also says how far away what it draws is, for a loss that
 *     teaches it shape
 * @param encoder the frozen image encoder: {@code none}, {@code dinov2_vits14}, {@code
 *     dinov2_vitb14} or {@code dinov2_vitl14}
 * @param guidanceInput whether the network takes the guidance weight as an input
 * @param sigmaData standard deviation of the training pictures' values as they are diffused, in
 *     [0.001, 100]
 * @param sigmaMin the lowest noise level, at least 1e-6, below {@code sigmaMax}
 * @param sigmaMax the highest noise level, where sampling starts, at most 1e6
 * @param rho exponent of the noise grid (Karras et al. 2022, equation 5), in [1, 100]
 * @param noiseMean mean of ln(sigma) in training, in [-20, 20]
 * @param noiseDeviation standard deviation of ln(sigma) in training, in [0.001, 20]
 * @param temperature what a consistency model's first noise is multiplied with when it draws, 0 to
 *     1: below 1, guesses differ less and are nearer to their mean. See {@link
 *     ai.fresnel.cvs.diffusion.ConsistencySampler#withTemperature}
 * @param fewStepSigmas for each number of passes, 1 to 64, its noise levels: as many as passes, the
 *     first {@code sigmaMax}, strictly falling, the last above {@code sigmaMin}; {@code null} means
 *     {@link #defaultFewStepSigmas}
 */
public record ModelConfig(
    String name,
    Kind kind,
    int pictureSize,
    int pictureChannels,
    double chromaGain,
    int fold,
    List<Integer> channels,
    int layers,
    List<Integer> attentionDepth,
    int headChannels,
    int groups,
    int embeddingChannels,
    int tokenChannels,
    List<Integer> detailChannels,
    int tokenGrid,
    List<Integer> volumeChannels,
    int volumeSlices,
    int volumeFeatures,
    int refineChannels,
    boolean depthHead,
    String encoder,
    boolean guidanceInput,
    double sigmaData,
    double sigmaMin,
    double sigmaMax,
    double rho,
    double noiseMean,
    double noiseDeviation,
    double temperature,
    SortedMap<Integer, List<Double>> fewStepSigmas) {

  /** The version that {@link #toJson} writes and the highest that {@link #fromJson} reads. */
  public static final int FORMAT_VERSION = 1;

  /** What the weights were trained to be. */
  public enum Kind {
    /** A denoiser, sampled by solving the probability flow ODE in many passes. */
    DIFFUSION,
    /** A consistency function, sampled in 1 to 4 passes. */
    CONSISTENCY
  }

  /**
   * Checks and copies the settings; {@link #builder()} is the convenient way here.
   *
   * @param name as above
   * @param kind as above
   * @param pictureSize as above
   * @param pictureChannels as above
   * @param chromaGain as above
   * @param fold as above
   * @param channels as above
   * @param layers as above
   * @param attentionDepth as above
   * @param headChannels as above
   * @param groups as above
   * @param embeddingChannels as above
   * @param tokenChannels as above
   * @param detailChannels as above
   * @param tokenGrid as above
   * @param volumeChannels as above
   * @param volumeSlices as above
   * @param volumeFeatures as above
   * @param refineChannels as above
   * @param depthHead as above
   * @param encoder as above
   * @param guidanceInput as above
   * @param sigmaData as above
   * @param sigmaMin as above
   * @param sigmaMax as above
   * @param rho as above
   * @param noiseMean as above
   * @param noiseDeviation as above
   * @param temperature as above
   * @param fewStepSigmas as above
   * @throws IllegalArgumentException if a setting is out of range; the message says the setting,
   *     its value and what was expected
   */
  public ModelConfig {
    channels = ConfigChecks.copy("channels", channels);
    attentionDepth = ConfigChecks.copy("attentionDepth", attentionDepth);
    detailChannels = ConfigChecks.copy("detailChannels", detailChannels);
    volumeChannels = ConfigChecks.copy("volumeChannels", volumeChannels);
    ConfigChecks.checkShape(
        name, kind, pictureSize, pictureChannels, fold, channels, groups, detailChannels);
    ConfigChecks.checkCodec(pictureChannels, chromaGain);
    ConfigChecks.checkBlocks(channels, layers, attentionDepth, headChannels, pictureSize / fold);
    ConfigChecks.checkConditioning(
        pictureSize, embeddingChannels, tokenChannels, tokenGrid, encoder);
    ConfigChecks.checkVolume(
        volumeChannels,
        volumeSlices,
        volumeFeatures,
        pictureChannels,
        headChannels,
        groups,
        pictureSize / fold);
    ConfigChecks.checkRefine(refineChannels, pictureSize);
    ConfigChecks.checkTotal(channels, layers, attentionDepth, embeddingChannels, tokenChannels);
    ConfigChecks.checkNoise(sigmaData, sigmaMin, sigmaMax, rho, noiseMean, noiseDeviation);
    ConfigChecks.checkTemperature(temperature);
    fewStepSigmas =
        fewStepSigmas == null
            ? defaultFewStepSigmas(sigmaMin, sigmaMax, rho)
            : ConfigChecks.copyFewStepSigmas(fewStepSigmas, sigmaMin, sigmaMax);
  }

  /**
   * The levels for 1 to 4 passes until better ones are chosen on validation objects: {@code n}
   * passes start at the first {@code n} points of the noise grid of {@code n} intervals.
   *
   * @param sigmaMin the lowest noise level
   * @param sigmaMax the highest noise level
   * @param rho exponent of the noise grid
   * @return an unmodifiable map from the number of passes to its levels, falling
   */
  public static SortedMap<Integer, List<Double>> defaultFewStepSigmas(
      double sigmaMin, double sigmaMax, double rho) {
    SortedMap<Integer, List<Double>> levels = new TreeMap<>();
    for (int passes = 1; passes <= 4; passes++) {
      levels.put(passes, ConfigChecks.gridStarts(passes, sigmaMin, sigmaMax, rho));
    }
    return Collections.unmodifiableSortedMap(levels);
  }

  /**
   * The small preset: 64×64 pictures, no frozen encoder, trainable on a CPU.
   *
   * @return the configuration
   */
  public static ModelConfig tiny64() {
    return builder()
        .name("tiny64")
        .pictureSize(64)
        .fold(4)
        .channels(64, 128, 192)
        .layers(1)
        .attentionDepth(0, 1, 0)
        .headChannels(32)
        .embeddingChannels(256)
        .tokenChannels(128)
        .detailChannels(64)
        .volumeChannels(32, 64, 128)
        .refineChannels(16)
        .chromaGain(4)
        .noiseMean(0)
        .noiseDeviation(1.6)
        .build();
  }

  /**
   * The small preset: 64×64 pictures folded 2×2 only. Half as fast as {@link #tiny64} and better
   * from the same pairs, since a position of its finest level stands for 4 pixels instead of 16.
   *
   * @return the configuration
   */
  public static ModelConfig small64() {
    return builder()
        .name("small64")
        .pictureSize(64)
        .fold(2)
        .channels(48, 96, 192)
        .layers(1)
        .attentionDepth(0, 0, 1)
        .headChannels(32)
        .groups(16)
        .embeddingChannels(256)
        .tokenChannels(128)
        .detailChannels(32, 64)
        .volumeChannels(48, 96, 192)
        .refineChannels(16)
        .chromaGain(4)
        .noiseMean(1)
        .noiseDeviation(1.7)
        .build();
  }

  /**
   * The full preset: 256×256 pictures, DINOv2 ViT-S/14 tokens, about 210 million parameters.
   *
   * @return the configuration
   */
  public static ModelConfig base256() {
    return builder()
        .name("base256")
        .pictureSize(256)
        .fold(4)
        .channels(128, 256, 384, 512)
        .layers(2)
        .attentionDepth(0, 0, 3, 2)
        .headChannels(64)
        .embeddingChannels(512)
        .tokenChannels(512)
        .detailChannels(64, 128, 256, 384)
        .volumeChannels(64, 128, 192)
        .volumeSlices(32)
        .refineChannels(16)
        .chromaGain(4)
        .encoder("dinov2_vits14")
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
   * The number of resolutions of the U-Net.
   *
   * @return the length of {@code channels}
   */
  public int levels() {
    return channels.size();
  }

  /**
   * Tells whether the photograph becomes a volume around the object, rendered from each camera.
   *
   * @return whether {@code volumeChannels} names a level
   */
  public boolean hasVolume() {
    return !volumeChannels.isEmpty();
  }

  /**
   * Positions a side at one level of the U-Net.
   *
   * @param level from 0, the finest, to {@code levels() - 1}
   * @return {@code pictureSize / fold / 2^level}
   * @throws IndexOutOfBoundsException if there is no such level
   */
  public int gridSize(int level) {
    Objects.checkIndex(level, levels());
    return (pictureSize / fold) >> level;
  }

  /**
   * A builder with RGB pictures, no fold, 32 groups, 16×16 tokens, no volume, nothing refined, no
   * encoder and EDM's noise settings; the picture's size and the widths must be given.
   *
   * @return a new builder
   */
  public static ModelConfigBuilder builder() {
    return new ModelConfigBuilder();
  }

  /**
   * A builder that starts from this configuration. Default few-step levels follow later changes of
   * the noise range; levels that were chosen stay.
   *
   * @return a new builder
   */
  public ModelConfigBuilder toBuilder() {
    return new ModelConfigBuilder(this);
  }

  /**
   * The configuration as the text of {@code config.json}: every setting by name, in the order
   * above, after {@code formatVersion}.
   *
   * @return a JSON object, indented, ending with a newline
   */
  public String toJson() {
    return ConfigJson.write(this);
  }

  /**
   * Reads what {@link #toJson} wrote. All settings must be there, none twice, none else; only
   * {@code depthHead} and the volume's may be missing: folders are older than they, and have none.
   * The settings of the lift, {@code liftChannels} and {@code liftSamples}, are read and dropped
   * where there was none.
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
