package ai.fresnel.cvs.model;

import static ai.fresnel.cvs.model.Checks.check;
import static ai.fresnel.cvs.model.Checks.range;

import java.util.List;
import java.util.regex.Pattern;

/** Checks the groups of a {@link ModelConfig} against each other. */
final class ConfigChecks {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  // Each setting may be large alone. Together they must not need terabytes.
  private static final long MAX_PARAMETERS = 8_000_000_000L;
  private static final long MAX_ACTIVATION = 1L << 28;
  private static final int MAX_ATTENTION_GRID = 128;

  private ConfigChecks() {}

  static void checkName(String name) {
    check(
        name != null && NAME.matcher(name).matches(),
        "name",
        name,
        "1 to 64 letters, digits or . _ -");
  }

  /** Returns the positions per side at the finest level. */
  static int gridSize(CodecConfig codec) {
    return codec.stateSize() / codec.fold();
  }

  static void checkGrid(CodecConfig codec, ConditionerConfig conditioner, UNetConfig unet) {
    int levels = unet.levels().size();
    int factor = codec.autoencoder().map(AutoencoderConfig::factor).orElse(1);
    int divisor = (factor * codec.fold()) << (levels - 1);
    check(
        codec.imageSize() % divisor == 0,
        "codec.imageSize",
        codec.imageSize(),
        "a multiple of "
            + divisor
            + (factor == 1 ? " (" : " (factor " + factor + ", ")
            + ("fold " + codec.fold() + ", " + levels + " levels)"));
    int tokens = conditioner.tokens().grid();
    check(
        codec.imageSize() % tokens == 0,
        "conditioner.tokens.grid",
        tokens,
        "a divisor of codec.imageSize, which is " + codec.imageSize());
  }

  static void checkUNet(CodecConfig codec, ConditionerConfig conditioner, UNetConfig unet) {
    int tokens = conditioner.tokens().channels();
    check(
        unet.attention().contextChannels() == tokens,
        "unet.attention.contextChannels",
        unet.attention().contextChannels(),
        "conditioner.tokens.channels, which is " + tokens);
    int embedding = unet.embeddingChannels();
    check(embedding % 2 == 0, "unet.embeddingChannels", embedding, "an even number");
    int last = unet.levels().size() - 1;
    long total = 0;
    for (int i = 0; i <= last; i++) {
      UNetConfig.Level level = unet.levels().get(i);
      String setting = "unet.levels[" + i + "]";
      long width = level.channels();
      long side = gridSize(codec) >> i;
      range(setting + ".channels · positions", width * side * side, 1, MAX_ACTIVATION);
      checkAttention(setting + ".attentionDepth", level.attentionDepth(), side);
      long residual = 2 * 9 * width * width + 2 * width * embedding;
      long transformer = 18 * width * width + 2 * width * tokens;
      total += (2L * level.blocks() + 1) * (residual + level.attentionDepth() * transformer);
    }
    checkAttention(
        "unet.middleAttentionDepth", unet.middleAttentionDepth(), gridSize(codec) >> last);
    check(
        total <= MAX_PARAMETERS,
        "parameters (estimated from unet.levels)",
        total,
        "at most " + MAX_PARAMETERS);
  }

  private static void checkAttention(String setting, int depth, long side) {
    check(
        depth == 0 || side <= MAX_ATTENTION_GRID,
        setting,
        depth,
        "0 where a level has more than 128 positions a side (here " + side + ")");
  }

  static void checkDetail(DetailConfig detail, UNetConfig unet) {
    checkGroups("conditioner.detail.channels", detail.channels(), unet);
  }

  static void checkVolume(VolumeConfig volume, CodecConfig codec, UNetConfig unet) {
    String setting = "conditioner.volume.channels";
    List<Integer> channels = volume.channels();
    int features = volume.features();
    range("conditioner.volume.features", features, codec.channels(), 256);
    checkGroups(setting, channels, unet);
    int last = channels.size() - 1;
    check(
        unet.attention().heads().divide(channels.get(last)),
        setting + "[" + last + "]",
        channels.get(last),
        "a width for " + unet.attention().heads());
    long grid = gridSize(codec);
    check(
        grid % (1 << last) == 0 && grid >> last <= MAX_ATTENTION_GRID,
        setting,
        channels,
        "levels that halve " + grid + " positions a side to 128 or fewer");
    long values = (1L + features) * volume.slices() * grid * grid;
    range("(1 + conditioner.volume.features) · slices · positions", values, 1, MAX_ACTIVATION);
    range(setting + "[0] · positions", channels.get(0) * grid * grid, 1, MAX_ACTIVATION);
  }

  private static void checkGroups(String setting, List<Integer> widths, UNetConfig unet) {
    int groups = unet.norm().groups();
    for (int i = 0; i < widths.size(); i++) {
      check(
          widths.get(i) % groups == 0,
          setting + "[" + i + "]",
          widths.get(i),
          "a multiple of unet.norm.groups, which is " + groups);
    }
  }

  /** An autoencoder's latents have no colours to render and no pixels to refine. */
  static void checkLatent(CodecConfig codec, ConditionerConfig conditioner, HeadsConfig heads) {
    if (codec.autoencoder().isEmpty()) {
      check(
          conditioner.zero123().isEmpty(),
          "codec.autoencoder",
          null,
          "one where conditioner.zero123 is there");
      return;
    }
    String where = " where there is an autoencoder";
    check(conditioner.volume().isEmpty(), "conditioner.volume", "there", "null" + where);
    check(heads.refineChannels() == 0, "heads.refineChannels", heads.refineChannels(), "0" + where);
    check(!heads.depth(), "heads.depth", heads.depth(), "false" + where);
    if (codec.autoencoder().get() instanceof AutoencoderConfig.KlVae vae) {
      long pixels = (long) codec.imageSize() * codec.imageSize();
      long widest = vae.channels().get(0) * pixels;
      range("codec.autoencoder.channels[0] · codec.imageSize²", widest, 1, MAX_ACTIVATION);
      checkAttention("codec.imageSize", codec.imageSize(), codec.stateSize());
    }
  }

  /** A published network reads a timestep, and no pose beside its token. */
  static void checkZero123(ConditionerConfig conditioner, UNetConfig unet, ScalingConfig scaling) {
    if (conditioner.zero123().isPresent()) {
      check(!unet.poseJoin(), "unet.poseJoin", true, "false where conditioner.zero123 is there");
      check(
          scaling instanceof ScalingConfig.Discrete,
          "scaling",
          "edm",
          "discrete where conditioner.zero123 is there");
    }
  }

  static void checkSolver(SamplingConfig sampling, ScalingConfig scaling) {
    check(
        sampling.solver().isEmpty() || scaling instanceof ScalingConfig.Discrete,
        "sampling.solver",
        "there",
        "null where scaling is edm");
    if (scaling instanceof ScalingConfig.Discrete discrete && sampling.solver().isPresent()) {
      SolverConfig solver = sampling.solver().get();
      Checks.in(
          "sampling.solver",
          () -> solver.spacing().timesteps(discrete.timesteps(), solver.steps()));
    }
  }

  static void checkHeads(HeadsConfig heads, CodecConfig codec) {
    long activation = (long) heads.refineChannels() * codec.imageSize() * codec.imageSize();
    range("heads.refineChannels · codec.imageSize²", activation, 0, MAX_ACTIVATION);
  }
}
