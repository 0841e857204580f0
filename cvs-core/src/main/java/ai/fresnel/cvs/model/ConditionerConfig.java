package ai.fresnel.cvs.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The network's inputs from the photograph and the cameras.
 *
 * @param detail the convolutions that encode the photograph as tokens
 * @param tokens the image tokens
 * @param volume the volume that is predicted from the photograph, if any
 * @param encoder the frozen image encoder whose tokens are added: {@code none} or the {@linkplain
 *     DinoConfig#named name} of a DINOv2, such as {@code dinov2_vits14}; with one, {@code
 *     tokens.grid} is 16
 * @param guidanceInput whether the network takes the guidance weight as an input
 */
public record ConditionerConfig(
    DetailConfig detail,
    TokensConfig tokens,
    Optional<VolumeConfig> volume,
    String encoder,
    boolean guidanceInput) {

  /** The value of {@code encoder} without a frozen encoder. */
  public static final String NO_ENCODER = "none";

  /** DINOv2 reads 224×224 pixels in patches of 14. */
  private static final int DINO_GRID = 16;

  /**
   * Checks the settings.
   *
   * @param detail as above
   * @param tokens as above
   * @param volume as above
   * @param encoder as above
   * @param guidanceInput as above
   * @throws IllegalArgumentException if a setting is missing or out of range
   */
  public ConditionerConfig {
    Checks.present("detail", detail);
    Checks.present("tokens", tokens);
    Checks.present("volume", volume);
    Checks.check(
        encoder != null && (encoder.equals(NO_ENCODER) || DinoConfig.named(encoder).isPresent()),
        "encoder",
        encoder,
        "one of " + NO_ENCODER + ", " + String.join(", ", DinoConfig.publishedNames()));
    Checks.check(
        encoder.equals(NO_ENCODER) || tokens.grid() == DINO_GRID,
        "tokens.grid",
        tokens.grid(),
        DINO_GRID + " where encoder is " + encoder);
  }

  /**
   * Returns the default: one stage of 64 channels, 16×16 tokens of 128 channels, no volume, no
   * frozen encoder.
   *
   * @return the settings
   */
  public static ConditionerConfig defaults() {
    return new ConditionerConfig(
        new DetailConfig(List.of(64), 1),
        new TokensConfig(16, 128),
        Optional.empty(),
        NO_ENCODER,
        false);
  }

  /**
   * Returns whether there is a frozen encoder.
   *
   * @return whether {@code encoder} names one
   */
  public boolean hasEncoder() {
    return !encoder.equals(NO_ENCODER);
  }

  /**
   * Returns these settings with other stages of the detail encoder.
   *
   * @param channels width of each stage
   * @return the settings
   */
  public ConditionerConfig withDetailChannels(int... channels) {
    List<Integer> widths = Arrays.stream(channels).boxed().toList();
    return with(Checks.in("detail", () -> new DetailConfig(widths, detail.blocks())), tokens);
  }

  /**
   * Returns these settings with another depth of the detail encoder.
   *
   * @param blocks residual blocks a stage
   * @return the settings
   */
  public ConditionerConfig withDetailBlocks(int blocks) {
    return with(Checks.in("detail", () -> new DetailConfig(detail.channels(), blocks)), tokens);
  }

  /**
   * Returns these settings with another number of tokens.
   *
   * @param grid tokens a side
   * @return the settings
   */
  public ConditionerConfig withTokenGrid(int grid) {
    return with(detail, Checks.in("tokens", () -> new TokensConfig(grid, tokens.channels())));
  }

  /**
   * Returns these settings with tokens of another width.
   *
   * @param channels width of a token
   * @return the settings
   */
  public ConditionerConfig withTokenChannels(int channels) {
    return with(detail, Checks.in("tokens", () -> new TokensConfig(tokens.grid(), channels)));
  }

  private ConditionerConfig with(DetailConfig newDetail, TokensConfig newTokens) {
    return new ConditionerConfig(newDetail, newTokens, volume, encoder, guidanceInput);
  }

  /**
   * Returns these settings with a volume.
   *
   * @param value the volume
   * @return the settings
   */
  public ConditionerConfig withVolume(VolumeConfig value) {
    return new ConditionerConfig(detail, tokens, Optional.of(value), encoder, guidanceInput);
  }

  /**
   * Returns these settings without a volume.
   *
   * @return the settings
   */
  public ConditionerConfig withoutVolume() {
    return new ConditionerConfig(detail, tokens, Optional.empty(), encoder, guidanceInput);
  }

  /**
   * Returns these settings with another frozen encoder.
   *
   * @param value its name
   * @return the settings
   */
  public ConditionerConfig withEncoder(String value) {
    return new ConditionerConfig(detail, tokens, volume, value, guidanceInput);
  }

  /**
   * Returns these settings with or without the guidance weight as an input.
   *
   * @param value whether it is one
   * @return the settings
   */
  public ConditionerConfig withGuidanceInput(boolean value) {
    return new ConditionerConfig(detail, tokens, volume, encoder, value);
  }
}
