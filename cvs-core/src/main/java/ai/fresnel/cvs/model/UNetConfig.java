package ai.fresnel.cvs.model;

import java.util.List;
import java.util.Objects;

/**
 * The shape of a U-Net from its first convolution to its last. It covers the presets, latent
 * diffusion and Stable Diffusion 1.x (Rombach et al. 2022). Immutable and always valid.
 *
 * <p>Each level has {@code blocks} residual blocks on the way down and {@code blocks + 1} on the
 * way up, each followed by a transformer of {@code attentionDepth} blocks if that is not 0. The
 * middle is a residual block, a transformer of {@code middleAttentionDepth} blocks if that is not
 * 0, and a residual block.
 *
 * @param levels the resolutions from the finest, 1 to 8; each has half the positions per side of
 *     the one before
 * @param middleAttentionDepth transformer blocks in the middle, 0 (no attention) to 64
 * @param attention the transformers
 * @param norm the group norms of residual blocks and of the output
 * @param modulation the effect of the embedding on a residual block
 * @param embeddingChannels width D of the embedding, 1 to 8192
 * @param poseJoin whether the pose embedding, (N, D), is concatenated to the middle's features and
 *     projected back by a 1×1 convolution
 * @param skipHead whether a linear path leads from the network's input to its output, with a gain a
 *     channel that depends on the embedding
 */
public record UNetConfig(
    List<Level> levels,
    int middleAttentionDepth,
    Attention attention,
    Norm norm,
    Modulation modulation,
    int embeddingChannels,
    boolean poseJoin,
    boolean skipHead) {

  private static final int MAX_WIDTH = 8192;
  private static final int MAX_LEVELS = 8;
  private static final int MAX_DEPTH = 64;

  /** The effect of the embedding, (N, D), on the features of a residual block. */
  public enum Modulation {
    /** A shift per channel, added before the second norm (Ho et al. 2020). */
    SHIFT,
    /** A scale and a shift per channel after the second norm (Dhariwal and Nichol 2021). */
    SCALE_AND_SHIFT
  }

  /**
   * One resolution.
   *
   * @param channels its width, 1 to 8192
   * @param blocks residual blocks on the way down, 1 to 64; there is one more on the way up
   * @param attentionDepth transformer blocks after each residual block, 0 (no attention) to 64
   */
  public record Level(int channels, int blocks, int attentionDepth) {

    /**
     * Checks the numbers.
     *
     * @param channels as above
     * @param blocks as above
     * @param attentionDepth as above
     * @throws IllegalArgumentException if a number is out of range
     */
    public Level {
      range("channels", channels, 1, MAX_WIDTH);
      range("blocks", blocks, 1, 64);
      range("attentionDepth", attentionDepth, 0, MAX_DEPTH);
    }
  }

  /** The division of a transformer's channels among its heads. */
  public sealed interface Heads {

    /**
     * Returns the number of heads at a width.
     *
     * @param channels the width
     * @return the number of heads
     */
    int count(int channels);

    /**
     * Returns whether a width can be divided.
     *
     * @param channels the width
     * @return true if all heads get the same number of channels
     */
    boolean divide(int channels);
  }

  /**
   * The same number of heads at every width, as in Stable Diffusion 1.x.
   *
   * @param number heads, 1 to 1024
   */
  public record HeadNumber(int number) implements Heads {

    /**
     * Checks the number.
     *
     * @param number as above
     * @throws IllegalArgumentException if the number is out of range
     */
    public HeadNumber {
      range("number", number, 1, 1024);
    }

    /** {@inheritDoc} */
    @Override
    public int count(int channels) {
      return number;
    }

    /** {@inheritDoc} */
    @Override
    public boolean divide(int channels) {
      return channels % number == 0;
    }
  }

  /**
   * Heads of the same width, so that a wider transformer has more heads.
   *
   * @param channels channels of a head, 1 to 1024
   */
  public record HeadChannels(int channels) implements Heads {

    /**
     * Checks the number.
     *
     * @param channels as above
     * @throws IllegalArgumentException if the number is out of range
     */
    public HeadChannels {
      range("channels", channels, 1, 1024);
    }

    /** {@inheritDoc} */
    @Override
    public int count(int width) {
      return width / channels;
    }

    /** {@inheritDoc} */
    @Override
    public boolean divide(int width) {
      return width % channels == 0;
    }
  }

  /**
   * The settings of all transformers of a network.
   *
   * @param heads the division of their channels
   * @param contextChannels width T of the tokens that cross-attention reads, 1 to 8192
   * @param linearProjection whether the projections before and after the blocks are matrix products
   *     over the sequence of positions; otherwise they are 1×1 convolutions of the feature map,
   *     which compute the same with weights of another shape
   * @param norm the group norm before the first projection
   */
  public record Attention(Heads heads, int contextChannels, boolean linearProjection, Norm norm) {

    /**
     * Checks the settings.
     *
     * @param heads as above
     * @param contextChannels as above
     * @param linearProjection as above
     * @param norm as above
     * @throws IllegalArgumentException if a setting is missing or out of range
     */
    public Attention {
      present("heads", heads);
      range("contextChannels", contextChannels, 1, MAX_WIDTH);
      present("norm", norm);
    }
  }

  /**
   * A group norm.
   *
   * @param groups groups of channels, 1 to 1024; a divisor of each width
   * @param epsilon added to the variance, above 0, at most 1
   */
  public record Norm(int groups, double epsilon) {

    /**
     * Checks the numbers.
     *
     * @param groups as above
     * @param epsilon as above
     * @throws IllegalArgumentException if a number is out of range
     */
    public Norm {
      range("groups", groups, 1, 1024);
      check(epsilon > 0 && epsilon <= 1, "epsilon", epsilon, "a number above 0, at most 1");
    }
  }

  /**
   * Checks the settings, alone and against each other.
   *
   * @param levels as above
   * @param middleAttentionDepth as above
   * @param attention as above
   * @param norm as above
   * @param modulation as above
   * @param embeddingChannels as above
   * @param poseJoin as above
   * @param skipHead as above
   * @throws IllegalArgumentException if a setting is missing or out of range, or if a width cannot
   *     be divided into groups or heads; the message says the setting, its value and the expected
   *     value
   */
  public UNetConfig {
    present("levels", levels);
    check(
        !levels.isEmpty()
            && levels.size() <= MAX_LEVELS
            && levels.stream().noneMatch(Objects::isNull),
        "levels",
        levels.size() > MAX_LEVELS ? "a list of " + levels.size() : levels,
        "1 to " + MAX_LEVELS + " levels, none null");
    levels = List.copyOf(levels);
    range("middleAttentionDepth", middleAttentionDepth, 0, MAX_DEPTH);
    present("attention", attention);
    present("norm", norm);
    present("modulation", modulation);
    range("embeddingChannels", embeddingChannels, 1, MAX_WIDTH);
    for (int i = 0; i < levels.size(); i++) {
      Level level = levels.get(i);
      boolean last = i == levels.size() - 1;
      boolean attends = level.attentionDepth > 0 || (last && middleAttentionDepth > 0);
      checkWidth("levels[" + i + "].channels", level.channels, norm, attends ? attention : null);
    }
  }

  /**
   * Returns the U-Net of Stable Diffusion 1.x and Zero123, about 860 million parameters with its
   * embedding of timesteps.
   *
   * @return the shape, for tokens of 768 channels
   */
  public static UNetConfig stableDiffusion() {
    return new UNetConfig(
        List.of(
            new Level(320, 2, 1),
            new Level(640, 2, 1),
            new Level(1280, 2, 1),
            new Level(1280, 2, 0)),
        1,
        new Attention(new HeadNumber(8), 768, false, new Norm(32, 1e-6)),
        new Norm(32, 1e-5),
        Modulation.SHIFT,
        1280,
        false,
        false);
  }

  private static void checkWidth(String setting, int width, Norm norm, Attention attention) {
    check(width % norm.groups == 0, setting, width, "a multiple of " + norm.groups + " groups");
    if (attention != null) {
      int groups = attention.norm.groups;
      check(width % groups == 0, setting, width, "a multiple of " + groups + " groups");
      check(attention.heads.divide(width), setting, width, "a width for " + attention.heads);
    }
  }

  private static void present(String setting, Object value) {
    check(value != null, setting, value, "a value");
  }

  private static void range(String setting, long value, long low, long high) {
    check(value >= low && value <= high, setting, value, low + " to " + high);
  }

  private static void check(boolean holds, String setting, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(setting + " is " + value + ", expected " + expected);
    }
  }
}
