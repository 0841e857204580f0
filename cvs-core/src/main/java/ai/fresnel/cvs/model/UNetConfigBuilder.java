package ai.fresnel.cvs.model;

import ai.fresnel.cvs.model.UNetConfig.Attention;
import ai.fresnel.cvs.model.UNetConfig.HeadChannels;
import ai.fresnel.cvs.model.UNetConfig.Heads;
import ai.fresnel.cvs.model.UNetConfig.Level;
import ai.fresnel.cvs.model.UNetConfig.Modulation;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Builds a {@link UNetConfig}, which checks the settings. The defaults are one block per level, no
 * attention, heads of 32 channels, 32 groups, an embedding of 256 channels that scales and shifts,
 * a pose join and a skip head. The middle has the attention of the last level. The width of the
 * tokens is the conditioner's.
 */
public final class UNetConfigBuilder {
  private static final double EPSILON = 1e-5;

  private List<Integer> channels = List.of();
  private List<Integer> blocks = List.of(1);
  private List<Integer> attentionDepth = List.of(0);
  private OptionalInt middleAttentionDepth = OptionalInt.empty();
  private Heads heads = new HeadChannels(32);
  private boolean linearProjection = true;
  private Norm attentionNorm = new Norm(32, EPSILON);
  private Norm norm = new Norm(32, EPSILON);
  private Modulation modulation = Modulation.SCALE_AND_SHIFT;
  private int embeddingChannels = 256;
  private boolean poseJoin = true;
  private boolean skipHead = true;

  UNetConfigBuilder() {}

  UNetConfigBuilder(UNetConfig config) {
    List<Level> levels = config.levels();
    channels = levels.stream().map(Level::channels).toList();
    blocks = shared(levels.stream().map(Level::blocks).toList());
    attentionDepth = shared(levels.stream().map(Level::attentionDepth).toList());
    int last = levels.get(levels.size() - 1).attentionDepth();
    if (config.middleAttentionDepth() != last) {
      middleAttentionDepth = OptionalInt.of(config.middleAttentionDepth());
    }
    heads = config.attention().heads();
    linearProjection = config.attention().linearProjection();
    attentionNorm = config.attention().norm();
    norm = config.norm();
    modulation = config.modulation();
    embeddingChannels = config.embeddingChannels();
    poseJoin = config.poseJoin();
    skipHead = config.skipHead();
  }

  /**
   * Sets the width of each level.
   *
   * @param value channels, from the finest level
   * @return this builder
   */
  public UNetConfigBuilder channels(int... value) {
    channels = boxed(value);
    return this;
  }

  /**
   * Sets the residual blocks of each level on the way down.
   *
   * @param value blocks, from the finest level; one number for all levels
   * @return this builder
   */
  public UNetConfigBuilder blocks(int... value) {
    blocks = boxed(value);
    return this;
  }

  /**
   * Sets the transformer blocks after each residual block of each level.
   *
   * @param value blocks, 0 for no attention, from the finest level; one number for all levels
   * @return this builder
   */
  public UNetConfigBuilder attentionDepth(int... value) {
    attentionDepth = boxed(value);
    return this;
  }

  /**
   * Sets the transformer blocks in the middle.
   *
   * @param value blocks, 0 for no attention
   * @return this builder
   */
  public UNetConfigBuilder middleAttentionDepth(int value) {
    middleAttentionDepth = OptionalInt.of(value);
    return this;
  }

  /**
   * Sets the width of an attention head.
   *
   * @param value channels
   * @return this builder
   */
  public UNetConfigBuilder headChannels(int value) {
    return heads(new HeadChannels(value));
  }

  /**
   * Sets the division of channels among attention heads.
   *
   * @param value the heads
   * @return this builder
   */
  public UNetConfigBuilder heads(Heads value) {
    heads = value;
    return this;
  }

  /**
   * Sets whether transformers project by matrix products in place of 1×1 convolutions.
   *
   * @param value whether they do
   * @return this builder
   */
  public UNetConfigBuilder linearProjection(boolean value) {
    linearProjection = value;
    return this;
  }

  /**
   * Sets the groups of all group norms, whose epsilon is 1e-5.
   *
   * @param value groups
   * @return this builder
   */
  public UNetConfigBuilder groups(int value) {
    Norm both = new Norm(value, EPSILON);
    return norm(both).attentionNorm(both);
  }

  /**
   * Sets the group norms of residual blocks and of the output.
   *
   * @param value the norm
   * @return this builder
   */
  public UNetConfigBuilder norm(Norm value) {
    norm = value;
    return this;
  }

  /**
   * Sets the group norm before a transformer.
   *
   * @param value the norm
   * @return this builder
   */
  public UNetConfigBuilder attentionNorm(Norm value) {
    attentionNorm = value;
    return this;
  }

  /**
   * Sets the effect of the embedding on a residual block.
   *
   * @param value the modulation
   * @return this builder
   */
  public UNetConfigBuilder modulation(Modulation value) {
    modulation = value;
    return this;
  }

  /**
   * Sets the width of the embeddings of noise and pose.
   *
   * @param value channels
   * @return this builder
   */
  public UNetConfigBuilder embeddingChannels(int value) {
    embeddingChannels = value;
    return this;
  }

  /**
   * Sets whether the pose is joined in the middle.
   *
   * @param value whether it is
   * @return this builder
   */
  public UNetConfigBuilder poseJoin(boolean value) {
    poseJoin = value;
    return this;
  }

  /**
   * Sets whether a linear path leads from the input to the output.
   *
   * @param value whether it does
   * @return this builder
   */
  public UNetConfigBuilder skipHead(boolean value) {
    skipHead = value;
    return this;
  }

  /** Checks the settings; the tokens' width is the conditioner's. */
  UNetConfig build(int contextChannels) {
    List<Level> levels = new ArrayList<>();
    for (int i = 0; i < channels.size(); i++) {
      int level = i;
      levels.add(
          Checks.in(
              "levels[" + i + "]",
              () ->
                  new Level(
                      channels.get(level),
                      of("blocks", blocks, level),
                      of("attentionDepth", attentionDepth, level))));
    }
    int last = levels.isEmpty() ? 0 : levels.get(levels.size() - 1).attentionDepth();
    return new UNetConfig(
        levels,
        middleAttentionDepth.orElse(last),
        Checks.in(
            "attention",
            () -> new Attention(heads, contextChannels, linearProjection, attentionNorm)),
        norm,
        modulation,
        embeddingChannels,
        poseJoin,
        skipHead);
  }

  /** Repeats one number for all levels. */
  private int of(String setting, List<Integer> values, int level) {
    Checks.check(
        values.size() == 1 || values.size() == channels.size(),
        setting,
        values,
        "one value, or as many as channels has, " + channels.size());
    return values.get(values.size() == 1 ? 0 : level);
  }

  /** Reduces equal numbers to one number, which holds for any number of levels. */
  private static List<Integer> shared(List<Integer> values) {
    return values.stream().distinct().count() == 1 ? values.subList(0, 1) : values;
  }

  private static List<Integer> boxed(int... values) {
    return Arrays.stream(values).boxed().toList();
  }
}
