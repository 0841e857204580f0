package ai.fresnel.cvs.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The ranges of {@link ModelConfig}'s settings. Errors say the setting, its value, the range. */
final class ConfigChecks {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final List<String> ENCODERS =
      List.of("none", "dinov2_vits14", "dinov2_vitb14", "dinov2_vitl14");

  /** DINOv2 sees 224×224 pixels in patches of 14. */
  private static final int DINO_GRID = 16;

  private static final int MAX_WIDTH = 8192;
  private static final int MAX_LEVELS = 8;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_PASSES = 64;

  // Each setting may be large alone; together they must not ask for terabytes.
  private static final long MAX_PARAMETERS = 8_000_000_000L;
  private static final long MAX_ACTIVATION = 1L << 28;
  private static final int MAX_ATTENTION_GRID = 128;

  private ConfigChecks() {}

  static List<Integer> copy(String setting, List<Integer> values) {
    check(values != null, setting, values, "a list of integers");
    check(values.stream().allMatch(v -> v != null), setting, values, "no null");
    return List.copyOf(values);
  }

  static void checkShape(
      String name,
      ModelConfig.Kind kind,
      int pictureSize,
      int pictureChannels,
      int fold,
      List<Integer> channels,
      int groups,
      List<Integer> detailChannels) {
    check(
        name != null && NAME.matcher(name).matches(),
        "name",
        name,
        "1 to 64 letters, digits or . _ -");
    check(kind != null, "kind", kind, "DIFFUSION or CONSISTENCY");
    range("pictureSize", pictureSize, 8, 2048);
    range("pictureChannels", pictureChannels, 1, 64);
    range("fold", fold, 1, 32);
    check(Integer.bitCount(fold) == 1, "fold", fold, "a power of two");
    range("groups", groups, 1, 1024);
    checkWidths("channels", channels, groups);
    checkWidths("detailChannels", detailChannels, groups);
    int divisor = fold << (channels.size() - 1);
    check(
        pictureSize % divisor == 0,
        "pictureSize",
        pictureSize,
        "a multiple of " + divisor + " (fold " + fold + ", " + channels.size() + " levels)");
    range("pictureChannels · fold²", (long) pictureChannels * fold * fold, 1, MAX_WIDTH);
  }

  static void checkTemperature(double temperature) {
    range("temperature", temperature, 0, 1);
  }

  static void checkCodec(int pictureChannels, double chromaGain) {
    range("chromaGain", chromaGain, 1, 16);
    check(
        chromaGain == 1 || pictureChannels == 3,
        "chromaGain",
        chromaGain,
        "1 where pictureChannels is " + pictureChannels);
  }

  private static void checkWidths(String setting, List<Integer> widths, int groups) {
    check(
        !widths.isEmpty() && widths.size() <= MAX_LEVELS,
        setting,
        widths,
        "1 to " + MAX_LEVELS + " widths");
    for (int i = 0; i < widths.size(); i++) {
      int width = widths.get(i);
      range(setting + "[" + i + "]", width, 1, MAX_WIDTH);
      check(
          width % groups == 0,
          setting + "[" + i + "]",
          width,
          "a multiple of groups, which is " + groups);
    }
  }

  static void checkBlocks(
      List<Integer> channels, int layers, List<Integer> depth, int headChannels, int grid) {
    range("layers", layers, 1, 64);
    range("headChannels", headChannels, 1, 1024);
    check(
        depth.size() == channels.size(),
        "attentionDepth",
        depth,
        "as many values as channels has, " + channels.size());
    for (int level = 0; level < depth.size(); level++) {
      String setting = "attentionDepth[" + level + "]";
      int width = channels.get(level);
      int side = grid >> level;
      range(setting, depth.get(level), 0, MAX_DEPTH);
      range("channels[" + level + "] · positions", (long) width * side * side, 1, MAX_ACTIVATION);
      if (depth.get(level) > 0) {
        check(
            width % headChannels == 0,
            "channels[" + level + "]",
            width,
            "a multiple of headChannels, which is " + headChannels);
        check(
            side <= MAX_ATTENTION_GRID,
            setting,
            depth.get(level),
            "0 where a level has more than 128 positions a side (here " + side + ")");
      }
    }
  }

  static void checkConditioning(
      int pictureSize, int embeddingChannels, int tokenChannels, int tokenGrid, String encoder) {
    range("embeddingChannels", embeddingChannels, 2, MAX_WIDTH);
    check(embeddingChannels % 2 == 0, "embeddingChannels", embeddingChannels, "an even number");
    range("tokenChannels", tokenChannels, 1, MAX_WIDTH);
    range("tokenGrid", tokenGrid, 1, 64);
    check(
        pictureSize % tokenGrid == 0,
        "tokenGrid",
        tokenGrid,
        "a divisor of pictureSize, which is " + pictureSize);
    check(
        encoder != null && ENCODERS.contains(encoder),
        "encoder",
        encoder,
        "one of " + String.join(", ", ENCODERS));
    check(
        encoder.equals("none") || tokenGrid == DINO_GRID,
        "tokenGrid",
        tokenGrid,
        DINO_GRID + " where encoder is " + encoder);
  }

  static void checkVolume(
      List<Integer> channels,
      int slices,
      int features,
      int pictureChannels,
      int headChannels,
      int groups,
      int grid) {
    range("volumeSlices", slices, 2, 256);
    if (channels.isEmpty()) {
      return;
    }
    range("volumeFeatures", features, pictureChannels, Math.max(256, pictureChannels));
    checkWidths("volumeChannels", channels, groups);
    int last = channels.size() - 1;
    check(
        channels.get(last) % headChannels == 0,
        "volumeChannels[" + last + "]",
        channels.get(last),
        "a multiple of headChannels, which is " + headChannels);
    check(
        grid % (1 << last) == 0 && grid >> last <= MAX_ATTENTION_GRID,
        "volumeChannels",
        channels,
        "levels that halve " + grid + " positions a side to 128 or fewer");
    long volume = (1L + features) * slices * grid * grid;
    range("(1 + volumeFeatures) · volumeSlices · positions", volume, 1, MAX_ACTIVATION);
    long widest = (long) channels.get(0) * grid * grid;
    range("volumeChannels[0] · positions", widest, 1, MAX_ACTIVATION);
  }

  static void checkRefine(int refineChannels, int pictureSize) {
    range("refineChannels", refineChannels, 0, MAX_WIDTH);
    long activation = (long) refineChannels * pictureSize * pictureSize;
    range("refineChannels · pictureSize²", activation, 0, MAX_ACTIVATION);
  }

  /** Refuses a network whose parts are each allowed but whose sum no machine could hold. */
  static void checkTotal(
      List<Integer> channels, int layers, List<Integer> depth, int embedding, int tokens) {
    long total = 0;
    for (int level = 0; level < channels.size(); level++) {
      long width = channels.get(level);
      long residual = 2 * 9 * width * width + 2 * width * embedding;
      long transformer = 18 * width * width + 2 * width * tokens;
      total += (2L * layers + 1) * (residual + depth.get(level) * transformer);
    }
    check(
        total <= MAX_PARAMETERS,
        "parameters (estimated from channels, layers, attentionDepth)",
        total,
        "at most " + MAX_PARAMETERS);
  }

  static void checkNoise(
      double sigmaData,
      double sigmaMin,
      double sigmaMax,
      double rho,
      double noiseMean,
      double noiseDeviation) {
    range("sigmaData", sigmaData, 0.001, 100);
    range("sigmaMin", sigmaMin, 1e-6, 1e6);
    range("sigmaMax", sigmaMax, 1e-6, 1e6);
    check(sigmaMin < sigmaMax, "sigmaMin", sigmaMin, "below sigmaMax, which is " + sigmaMax);
    range("rho", rho, 1, 100);
    range("noiseMean", noiseMean, -20, 20);
    range("noiseDeviation", noiseDeviation, 0.001, 20);
  }

  static SortedMap<Integer, List<Double>> copyFewStepSigmas(
      Map<Integer, List<Double>> given, double sigmaMin, double sigmaMax) {
    SortedMap<Integer, List<Double>> copy = new TreeMap<>();
    for (Map.Entry<Integer, List<Double>> entry : given.entrySet()) {
      int passes = entry.getKey();
      List<Double> levels = entry.getValue();
      range("fewStepSigmas: number of passes", passes, 1, MAX_PASSES);
      String setting = "fewStepSigmas[" + passes + "]";
      check(levels != null && levels.size() == passes, setting, levels, passes + " levels");
      double above = Double.POSITIVE_INFINITY;
      for (int i = 0; i < passes; i++) {
        Double level = levels.get(i);
        check(
            level != null && level > sigmaMin && level < above && (i > 0 || level == sigmaMax),
            setting,
            levels,
            "levels falling from sigmaMax " + sigmaMax + ", all above sigmaMin " + sigmaMin);
        above = level;
      }
      copy.put(passes, List.copyOf(levels));
    }
    return Collections.unmodifiableSortedMap(copy);
  }

  /** The first {@code n} points of the grid of {@code n} intervals from sigmaMax to sigmaMin. */
  static List<Double> gridStarts(int n, double sigmaMin, double sigmaMax, double rho) {
    double high = Math.pow(sigmaMax, 1 / rho);
    double low = Math.pow(sigmaMin, 1 / rho);
    List<Double> levels = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      // The first level is sigmaMax itself, not a power of a root of it.
      levels.add(i == 0 ? sigmaMax : Math.pow(high + (low - high) * i / n, rho));
    }
    return List.copyOf(levels);
  }

  private static void range(String setting, long value, long low, long high) {
    check(value >= low && value <= high, setting, value, low + " to " + high);
  }

  private static void range(String setting, double value, double low, double high) {
    // Written so that NaN fails.
    check(value >= low && value <= high, setting, value, low + " to " + high);
  }

  private static void check(boolean holds, String setting, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(setting + " is " + value + ", expected " + expected);
    }
  }
}
