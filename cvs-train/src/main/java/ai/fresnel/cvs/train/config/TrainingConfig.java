package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.data.Augmentation;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.PoseCurriculum;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.schedule.WarmupCosine;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * All settings of a training run. Lengths are counted in samples ("images"), so that they keep
 * their meaning when the batch size changes.
 *
 * @param seed decides initial weights, the order of the data, noise and dropped conditions
 * @param batchSize samples a step, 1 to 65536
 * @param accumulation parts a batch is computed in, one after another, 1 to batchSize: the same
 *     update from less memory
 * @param checkpointLevels levels of the network, 0 the finest, whose activations are computed twice
 *     in place of being kept: the same gradient from less memory; at most the model's, none twice
 * @param maxImages samples of the whole run, at least 1
 * @param optimizer how parameters are moved
 * @param learningRate the highest learning rate, above 0
 * @param warmupImages samples over which the rate rises from 0
 * @param finalRateShare the last rate as a share of the highest, from 0 to 1
 * @param beta1 decay of AdamW's and RAdam's first moment, in [0, 1)
 * @param beta2 decay of their second moment, in [0, 1)
 * @param epsilon their epsilon, above 0 and below 1
 * @param weightDecay their weight decay, 0 or more
 * @param clipNorm the largest global norm of a gradient, above 0, at most 1e30 (no clipping)
 * @param emaDecay decay a step of the weights kept for inference, in [0, 1)
 * @param conditionDropout share of samples whose condition is dropped, in [0, 1)
 * @param depth weight of {@link ai.fresnel.cvs.train.objective.DepthLoss}, above 0 the network has
 *     a head for it; 0 = neither
 * @param rendering weight of {@link ai.fresnel.cvs.train.objective.RenderingLoss}, 0 or more;
 *     without effect on a network that has no volume
 * @param volumeTargets above 0 the network's volume alone is trained, and what it is made with, by
 *     the rendering loss on so many targets of each photograph; 0 = the whole network
 * @param precision what all networks of the run compute in; weights stay float32
 * @param student what belongs to stage 2 alone
 * @param mirrorShare share of the pairs that are mirrored, 0 to 1
 * @param hueJitter largest turn of both views' hue, degrees, 0 to 180
 * @param saturationJitter largest change of both views' distance from grey, 0 to 1
 * @param gammaJitter largest change of both views' exponent of brightness, 0 to 4
 * @param zoomJitter largest change of each view's focal length, 0 to 1
 * @param backgroundShare share of the pairs with a colour behind them in place of white, 0 to 1
 * @param firstMaxAngle largest angle between the first sample's cameras, degrees, above 0
 * @param maxAngle largest angle after the first {@code curriculumImages}, degrees, at least the
 *     first's; 180 = any
 * @param curriculumImages samples over which the largest angle grows, 0 or more
 * @param meshStretch largest change of a side of an object that is rendered anew, 0 to 0.5
 * @param meshHue largest turn of its plain materials' hue, degrees, 0 to 180
 * @param textureSwap share of its textures that are replaced by made ones, 0 to 1
 * @param stateEvery time between two saved states, 0 or more; 0 = after each step
 * @param previewEvery time between two previews, 0 or more
 * @param validateEvery least time between two validations, 0 or more; they are rarer where they
 *     would take more than a hundredth of the time
 * @param keepSnapshots how many of the last states' models are kept under their number of samples,
 *     0 to 10000, beside {@code latest} and {@code best}
 * @param explosionFactor how many times its usual value the loss may grow before the run goes back
 *     to its last state, above 1, at most 1e9; 0 = never goes back, not even where the loss is NaN
 */
public record TrainingConfig(
    long seed,
    int batchSize,
    int accumulation,
    List<Integer> checkpointLevels,
    long maxImages,
    OptimizerKind optimizer,
    double learningRate,
    long warmupImages,
    double finalRateShare,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double clipNorm,
    double emaDecay,
    double conditionDropout,
    double depth,
    double rendering,
    int volumeTargets,
    Precision precision,
    ConsistencyConfig student,
    double mirrorShare,
    double hueJitter,
    double saturationJitter,
    double gammaJitter,
    double zoomJitter,
    double backgroundShare,
    double firstMaxAngle,
    double maxAngle,
    long curriculumImages,
    double meshStretch,
    double meshHue,
    double textureSwap,
    Duration stateEvery,
    Duration previewEvery,
    Duration validateEvery,
    int keepSnapshots,
    double explosionFactor) {

  private static final int MOST_LEVELS = 8;

  /**
   * Checks the settings.
   *
   * @param seed as above
   * @param batchSize as above
   * @param accumulation as above
   * @param checkpointLevels as above
   * @param maxImages as above
   * @param optimizer as above
   * @param learningRate as above
   * @param warmupImages as above
   * @param finalRateShare as above
   * @param beta1 as above
   * @param beta2 as above
   * @param epsilon as above
   * @param weightDecay as above
   * @param clipNorm as above
   * @param emaDecay as above
   * @param conditionDropout as above
   * @param depth as above
   * @param rendering as above
   * @param volumeTargets as above
   * @param precision as above
   * @param student as above
   * @param mirrorShare as above
   * @param hueJitter as above
   * @param saturationJitter as above
   * @param gammaJitter as above
   * @param zoomJitter as above
   * @param backgroundShare as above
   * @param firstMaxAngle as above
   * @param maxAngle as above
   * @param curriculumImages as above
   * @param meshStretch as above
   * @param meshHue as above
   * @param textureSwap as above
   * @param stateEvery as above
   * @param previewEvery as above
   * @param validateEvery as above
   * @param keepSnapshots as above
   * @param explosionFactor as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfig {
    require("batchSize", batchSize, batchSize >= 1 && batchSize <= 65536, "1 to 65536");
    require(
        "accumulation",
        accumulation,
        accumulation >= 1 && accumulation <= batchSize,
        "1 to batchSize, which is " + batchSize);
    checkpointLevels = List.copyOf(checkpointLevels);
    boolean levels =
        checkpointLevels.stream().allMatch(level -> level >= 0 && level < MOST_LEVELS)
            && Set.copyOf(checkpointLevels).size() == checkpointLevels.size();
    if (!levels) {
      throw new IllegalArgumentException(
          "checkpointLevels is " + checkpointLevels + ", expected levels from 0 to 7, none twice");
    }
    require("maxImages", maxImages, maxImages >= 1, "1 or more");
    require(
        "learningRate", learningRate, learningRate > 0 && learningRate < 10, "above 0, below 10");
    require("warmupImages", warmupImages, warmupImages >= 0, "0 or more");
    require("finalRateShare", finalRateShare, finalRateShare >= 0 && finalRateShare <= 1, "0 to 1");
    requireShare("beta1", beta1);
    requireShare("beta2", beta2);
    require("epsilon", epsilon, epsilon > 0 && epsilon < 1, "above 0, below 1");
    require("weightDecay", weightDecay, weightDecay >= 0 && weightDecay < 100, "0 to 100");
    require("clipNorm", clipNorm, clipNorm > 0 && clipNorm <= 1e30, "above 0, at most 1e30");
    requireShare("emaDecay", emaDecay);
    requireShare("conditionDropout", conditionDropout);
    require("depth", depth, depth >= 0 && depth <= 1e6, "0 to 1e6");
    require("rendering", rendering, rendering >= 0 && rendering <= 1e6, "0 to 1e6");
    require("volumeTargets", volumeTargets, volumeTargets >= 0 && volumeTargets <= 64, "0 to 64");
    require(
        "volumeTargets",
        volumeTargets,
        volumeTargets == 0 || rendering > 0,
        "0 where rendering is 0: nothing else trains the volume");
    require("mirrorShare", mirrorShare, mirrorShare >= 0 && mirrorShare <= 1, "0 to 1");
    require("hueJitter", hueJitter, hueJitter >= 0 && hueJitter <= 180, "0 to 180");
    require(
        "saturationJitter",
        saturationJitter,
        saturationJitter >= 0 && saturationJitter <= 1,
        "0 to 1");
    require("gammaJitter", gammaJitter, gammaJitter >= 0 && gammaJitter <= 4, "0 to 4");
    require("zoomJitter", zoomJitter, zoomJitter >= 0 && zoomJitter <= 1, "0 to 1");
    require(
        "backgroundShare", backgroundShare, backgroundShare >= 0 && backgroundShare <= 1, "0 to 1");
    require(
        "firstMaxAngle",
        firstMaxAngle,
        firstMaxAngle > 0 && firstMaxAngle <= 180,
        "above 0 to 180");
    require(
        "maxAngle",
        maxAngle,
        maxAngle >= firstMaxAngle && maxAngle <= 180,
        "firstMaxAngle, which is " + firstMaxAngle + ", to 180");
    require("curriculumImages", curriculumImages, curriculumImages >= 0, "0 or more");
    require("meshStretch", meshStretch, meshStretch >= 0 && meshStretch <= 0.5, "0 to 0.5");
    require("meshHue", meshHue, meshHue >= 0 && meshHue <= 180, "0 to 180");
    require("textureSwap", textureSwap, textureSwap >= 0 && textureSwap <= 1, "0 to 1");
    if (optimizer == null
        || precision == null
        || student == null
        || stateEvery == null
        || previewEvery == null
        || validateEvery == null) {
      throw new IllegalArgumentException(
          "optimizer, precision, student, stateEvery, previewEvery or validateEvery is missing");
    }
    require(
        "batchSize",
        batchSize,
        splits(targets(student, volumeTargets), batchSize, accumulation),
        "a multiple of "
            + targets(student, volumeTargets) * accumulation
            + ", the targets of a source (multiView, volumeTargets) times the accumulation");
    requireTime("stateEvery", stateEvery);
    requireTime("previewEvery", previewEvery);
    requireTime("validateEvery", validateEvery);
    require(
        "keepSnapshots", keepSnapshots, keepSnapshots >= 0 && keepSnapshots <= 10000, "0 to 10000");
    require(
        "explosionFactor",
        explosionFactor,
        explosionFactor == 0 || (explosionFactor > 1 && explosionFactor <= 1e9),
        "0 or above 1, at most 1e9");
  }

  /**
   * Stage 1 as measured best so far, on {@code tiny64} and {@code small64}.
   *
   * @return the settings
   */
  public static TrainingConfig diffusion() {
    return new TrainingConfig(
        0,
        32,
        1,
        List.of(),
        1_000_000,
        OptimizerKind.MUON,
        3e-3,
        3_000,
        0.02,
        0.9,
        0.99,
        1e-8,
        0.01,
        1.0,
        0.999,
        0.05,
        0,
        1,
        0,
        Precision.FLOAT32,
        ConsistencyConfig.defaults(),
        0,
        0,
        0,
        0,
        0,
        0,
        180,
        180,
        0,
        0,
        0,
        0,
        Duration.ofMinutes(3),
        Duration.ofMinutes(10),
        Duration.ofMinutes(5),
        0,
        10);
  }

  /**
   * Stage 2: consistency distillation, coarse grids first.
   *
   * @return the settings
   */
  public static TrainingConfig consistency() {
    return diffusion().toBuilder()
        .maxImages(200_000)
        .optimizer(OptimizerKind.ADAMW)
        .learningRate(3e-4)
        .warmupImages(2_000)
        .finalRateShare(0.05)
        .conditionDropout(0)
        .rendering(0)
        .build();
  }

  /**
   * Counts the heads of a network that have a loss: its depth, the view rendered of its volume.
   *
   * @return 0 to 2
   */
  public int heads() {
    return (depth > 0 ? 1 : 0) + (rendering > 0 ? 1 : 0);
  }

  /**
   * Returns the settings for one network: what it has no part for has no weight.
   *
   * @param model the network
   * @return the settings
   */
  public TrainingConfig of(ModelConfig model) {
    return model.hasVolume() ? this : toBuilder().rendering(0).build();
  }

  /**
   * Tells whether a batch can be computed in parts: the targets of one source lie in one.
   *
   * @param parts how many, at least 1
   * @return whether it can
   */
  public boolean splits(int parts) {
    return splits(targets(), batchSize, parts);
  }

  private static boolean splits(int targets, int batchSize, int parts) {
    return targets == 1 || batchSize % (targets * parts) == 0;
  }

  /**
   * Tells whether the volume and its encoders are trained without the U-Net.
   *
   * @return whether they are
   */
  public boolean volumeAlone() {
    return volumeTargets > 0;
  }

  /**
   * Counts the samples in a row that have one source.
   *
   * @return at least 1
   */
  public int targets() {
    return targets(student, volumeTargets);
  }

  private static int targets(ConsistencyConfig student, int volumeTargets) {
    return student.multiView() > 0 ? 2 : Math.max(1, volumeTargets);
  }

  /**
   * The learning rate over the run.
   *
   * @return warm-up and decay of this configuration
   */
  public WarmupCosine rateSchedule() {
    return new WarmupCosine(learningRate, warmupImages, maxImages, finalRateShare);
  }

  /**
   * Which pairs the run draws, with depth where a loss needs it.
   *
   * @return the options, with half of the largest heap for images
   */
  public PairOptions pairs() {
    return PairOptions.of(batchSize, seed)
        .withDepth(depth > 0 || student.multiView() > 0)
        .withTargets(targets())
        .withAngles(
            new PoseCurriculum(
                Math.toRadians(firstMaxAngle), Math.toRadians(maxAngle), curriculumImages))
        .withAugmentation(
            new Augmentation(
                mirrorShare,
                Math.toRadians(hueJitter),
                saturationJitter,
                gammaJitter,
                zoomJitter,
                backgroundShare));
  }

  /**
   * How objects vary where they are rendered anew.
   *
   * @return the variation
   */
  public MeshVariation variation() {
    return new MeshVariation(meshStretch, Math.toRadians(meshHue), textureSwap);
  }

  /**
   * A builder that starts from these settings.
   *
   * @return a new builder
   */
  public TrainingConfigBuilder toBuilder() {
    return new TrainingConfigBuilder(this);
  }

  private static void requireTime(String name, Duration value) {
    // Compared in nanoseconds, of which a long holds 292 years.
    if (value.isNegative() || value.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 0 s to 36500 days");
    }
  }

  static void requireShare(String name, double value) {
    require(name, value, value >= 0 && value < 1, "0 or more, below 1");
  }

  static void require(String name, Number value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
    }
  }
}
