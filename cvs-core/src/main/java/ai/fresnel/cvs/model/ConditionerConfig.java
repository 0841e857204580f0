package ai.fresnel.cvs.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The network's inputs from the photograph and the cameras.
 *
 * @param detail the convolutions that encode the photograph as tokens; empty where {@code zero123}
 *     makes the token
 * @param tokens the image tokens
 * @param volume the volume that is predicted from the photograph, if any
 * @param encoder the frozen image encoder whose tokens are added: {@code none} or the {@linkplain
 *     DinoConfig#named name} of a DINOv2, such as {@code dinov2_vits14}; with one, {@code
 *     tokens.grid} is 16
 * @param guidanceInput whether the network takes the guidance weight as an input
 * @param zero123 the inputs of Zero123 and its family in place of all of the above: one token of
 *     the photograph's embedding and the camera move, and the photograph's latent; {@code
 *     tokens.grid} is 1, and there is neither volume nor encoder
 */
public record ConditionerConfig(
    Optional<DetailConfig> detail,
    TokensConfig tokens,
    Optional<VolumeConfig> volume,
    String encoder,
    boolean guidanceInput,
    Optional<Zero123> zero123) {

  /** The value of {@code encoder} without a frozen encoder. */
  public static final String NO_ENCODER = "none";

  /** The fourth of the numbers that say a camera move. */
  public enum FourthNumber {
    /** Zero123's: the change of the distance from the origin, in object lengths. */
    RADIUS,
    /** Stable Zero123's: the polar angle of the photograph's camera, from +z, in radians. */
    SOURCE_POLAR
  }

  /**
   * The inputs of Zero123 (Liu et al. 2023). The move's other numbers are the change of the polar
   * angle and the sine and cosine of the change of azimuth.
   *
   * @param clip the frozen encoder of the photograph
   * @param fourthNumber the fourth number of a camera move
   */
  public record Zero123(ClipConfig clip, FourthNumber fourthNumber) {

    /** The share of a photograph's side that the longer side of its object fills: 200 of 256. */
    public static final double OBJECT_SHARE = 200.0 / 256;

    /**
     * Checks the settings.
     *
     * @param clip as above
     * @param fourthNumber as above
     * @throws IllegalArgumentException if a setting is missing
     */
    public Zero123 {
      Checks.present("clip", clip);
      Checks.present("fourthNumber", fourthNumber);
    }
  }

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
   * @param zero123 as above
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
    Checks.present("zero123", zero123);
    boolean own = zero123.isEmpty();
    Checks.check(
        detail.isPresent() == own,
        "detail",
        detail.isPresent() ? "there" : "missing",
        own ? "settings where zero123 is null" : "null where zero123 is there");
    if (!own) {
      Checks.check(tokens.grid() == 1, "tokens.grid", tokens.grid(), "1 where zero123 is there");
      Checks.check(volume.isEmpty(), "volume", "there", "null where zero123 is there");
      Checks.check(
          encoder.equals(NO_ENCODER), "encoder", encoder, NO_ENCODER + " where zero123 is there");
    }
  }

  /**
   * Makes the settings of a model of this library.
   *
   * @param detail the convolutions that encode the photograph
   * @param tokens as above
   * @param volume as above
   * @param encoder as above
   * @param guidanceInput as above
   * @throws IllegalArgumentException if a setting is missing or out of range
   */
  public ConditionerConfig(
      DetailConfig detail,
      TokensConfig tokens,
      Optional<VolumeConfig> volume,
      String encoder,
      boolean guidanceInput) {
    this(Optional.ofNullable(detail), tokens, volume, encoder, guidanceInput, Optional.empty());
  }

  /**
   * Returns the settings of Zero123's family.
   *
   * @param tokenChannels width of the token
   * @param zero123 the encoder and the move
   * @return the settings
   */
  public static ConditionerConfig zero123(int tokenChannels, Zero123 zero123) {
    return new ConditionerConfig(
        Optional.empty(),
        new TokensConfig(1, tokenChannels),
        Optional.empty(),
        NO_ENCODER,
        false,
        Optional.of(zero123));
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
    return withDetail(old -> new DetailConfig(widths, old.blocks()));
  }

  /**
   * Returns these settings with another depth of the detail encoder.
   *
   * @param blocks residual blocks a stage
   * @return the settings
   */
  public ConditionerConfig withDetailBlocks(int blocks) {
    return withDetail(old -> new DetailConfig(old.channels(), blocks));
  }

  /**
   * Returns these settings with another number of tokens.
   *
   * @param grid tokens a side
   * @return the settings
   */
  public ConditionerConfig withTokenGrid(int grid) {
    return withTokens(() -> new TokensConfig(grid, tokens.channels()));
  }

  /**
   * Returns these settings with tokens of another width.
   *
   * @param channels width of a token
   * @return the settings
   */
  public ConditionerConfig withTokenChannels(int channels) {
    return withTokens(() -> new TokensConfig(tokens.grid(), channels));
  }

  private ConditionerConfig withDetail(UnaryOperator<DetailConfig> change) {
    Optional<DetailConfig> changed = detail.map(d -> Checks.in("detail", () -> change.apply(d)));
    return new ConditionerConfig(changed, tokens, volume, encoder, guidanceInput, zero123);
  }

  private ConditionerConfig withTokens(Supplier<TokensConfig> made) {
    TokensConfig changed = Checks.in("tokens", made);
    return new ConditionerConfig(detail, changed, volume, encoder, guidanceInput, zero123);
  }

  /**
   * Returns these settings with a volume.
   *
   * @param value the volume
   * @return the settings
   */
  public ConditionerConfig withVolume(VolumeConfig value) {
    Optional<VolumeConfig> some = Optional.of(value);
    return new ConditionerConfig(detail, tokens, some, encoder, guidanceInput, zero123);
  }

  /**
   * Returns these settings without a volume.
   *
   * @return the settings
   */
  public ConditionerConfig withoutVolume() {
    return new ConditionerConfig(detail, tokens, Optional.empty(), encoder, guidanceInput, zero123);
  }

  /**
   * Returns these settings with another frozen encoder.
   *
   * @param value its name
   * @return the settings
   */
  public ConditionerConfig withEncoder(String value) {
    return new ConditionerConfig(detail, tokens, volume, value, guidanceInput, zero123);
  }

  /**
   * Returns these settings with or without the guidance weight as an input.
   *
   * @param value whether it is one
   * @return the settings
   */
  public ConditionerConfig withGuidanceInput(boolean value) {
    return new ConditionerConfig(detail, tokens, volume, encoder, value, zero123);
  }
}
