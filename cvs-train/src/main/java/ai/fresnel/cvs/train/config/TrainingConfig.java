package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.data.Augmentation;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.PoseCurriculum;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import ai.fresnel.cvs.train.schedule.WarmupCosine;
import java.time.Duration;
import java.util.List;

/**
 * All settings of a training run, in groups. Lengths are counted in samples, so that they keep
 * their meaning when the batch size changes.
 *
 * @param run how long it is, what it saves and shows
 * @param data what a step is trained on
 * @param optimization how parameters are moved
 * @param compute how a step is computed
 * @param averaging the weights kept for inference
 * @param losses the losses of the network's heads
 * @param stage the stage
 */
public record TrainingConfig(
    RunConfig run,
    DataConfig data,
    OptimizationConfig optimization,
    ComputeConfig compute,
    AveragingConfig averaging,
    HeadLossConfig losses,
    StageConfig stage) {

  /**
   * Checks settings of different groups against each other.
   *
   * @param run as above
   * @param data as above
   * @param optimization as above
   * @param compute as above
   * @param averaging as above
   * @param losses as above
   * @param stage as above
   * @throws IllegalArgumentException if a group is missing, or two do not fit
   */
  public TrainingConfig {
    Checks.requirePresent("run", run);
    Checks.requirePresent("data", data);
    Checks.requirePresent("optimization", optimization);
    Checks.requirePresent("compute", compute);
    Checks.requirePresent("averaging", averaging);
    Checks.requirePresent("losses", losses);
    Checks.requirePresent("stage", stage);
    Checks.require(
        "accumulation",
        compute.accumulation(),
        compute.accumulation() <= data.batchSize(),
        "1 to batchSize, which is " + data.batchSize());
    if (stage instanceof StageConfig.SceneAlone scene) {
      Checks.require(
          "volumeTargets",
          scene.volumeTargets(),
          losses.rendering() > 0,
          "0 where rendering is 0: nothing else trains the volume");
    }
    Checks.require(
        "batchSize",
        data.batchSize(),
        splits(stage.targets(), data.batchSize(), compute.accumulation()),
        "a multiple of "
            + stage.targets() * compute.accumulation()
            + ", the targets of a source (multiView, volumeTargets) times the accumulation");
  }

  /**
   * Stage 1 as measured best so far, on {@code tiny64} and {@code small64}.
   *
   * @return the settings
   */
  public static TrainingConfig diffusion() {
    return new TrainingConfig(
        new RunConfig(
            0,
            1_000_000,
            Duration.ofMinutes(3),
            Duration.ofMinutes(10),
            Duration.ofMinutes(5),
            0,
            10),
        new DataConfig(
            32,
            0.05,
            new AugmentationConfig(0, 0, 0, 0, 0, 0),
            new AnglesConfig(180, 180, 0),
            new MeshesConfig(0, 0, 0)),
        new OptimizationConfig(
            OptimizerKind.MUON, new RateConfig(3e-3, 3_000, 0.02), 0.9, 0.99, 1e-8, 0.01, 1.0),
        new ComputeConfig(Precision.FLOAT32, 1, List.of()),
        new AveragingConfig(0.999),
        new HeadLossConfig(0, 1),
        StageConfig.Denoising.plain());
  }

  /**
   * Stage 2: consistency distillation, coarse grids first.
   *
   * @return the settings
   */
  public static TrainingConfig consistency() {
    ConsistencyConfig student =
        new ConsistencyConfig(
            0.95,
            OdeSolver.HEUN,
            false,
            new SigmasConfig(
                new IntervalSchedule(List.of(8, 16, 32, 64)), SigmaPairing.GRID, -1.1, 2.0),
            new MatchConfig(LossWeighting.UNIFORM, DistanceKind.PSEUDO_HUBER),
            new GuidanceConfig(0, 0),
            new TruthLossConfig(0, 0, 1, 0, 0, 0));
    return diffusion().toBuilder()
        .run(r -> r.withMaxSamples(200_000))
        .optimization(
            o ->
                o.withOptimizer(OptimizerKind.ADAMW)
                    .withRate(r -> new RateConfig(3e-4, 2_000, 0.05)))
        .data(d -> d.withConditionDropout(0))
        .losses(l -> l.withRendering(0))
        .stage(new StageConfig.Consistency(ConsistencyMethod.DISTILLATION, false, student))
        .build();
  }

  /**
   * Returns the settings of the student.
   *
   * @return the settings
   * @throws IllegalStateException if the stage has none
   */
  public ConsistencyConfig student() {
    return stage
        .consistency()
        .orElseThrow(() -> new IllegalStateException("stage is " + stage + ", expected stage 2"));
  }

  /**
   * Returns the settings for one network: what it has no part for has no weight.
   *
   * @param model the network
   * @return the settings
   */
  public TrainingConfig of(ModelConfig model) {
    return model.hasVolume() ? this : toBuilder().losses(l -> l.withRendering(0)).build();
  }

  /**
   * Tells whether a batch can be computed in parts: the targets of one source lie in one.
   *
   * @param parts how many, at least 1
   * @return whether it can
   */
  public boolean splits(int parts) {
    return splits(stage.targets(), data.batchSize(), parts);
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
    return stage instanceof StageConfig.SceneAlone;
  }

  /**
   * The learning rate over the run.
   *
   * @return warm-up and decay of this configuration
   */
  public WarmupCosine rateSchedule() {
    RateConfig rate = optimization.rate();
    return new WarmupCosine(
        rate.learningRate(), rate.warmupSamples(), run.maxSamples(), rate.finalRateShare());
  }

  /**
   * Which pairs the run draws, with depth where a loss needs it.
   *
   * @return the options, with half of the largest heap for images
   */
  public PairOptions pairs() {
    boolean multiView = stage.consistency().filter(s -> s.losses().multiView() > 0).isPresent();
    boolean geometry = stage instanceof StageConfig.SceneAlone scene && scene.needsDepth();
    AnglesConfig angles = data.angles();
    AugmentationConfig augmentation = data.augmentation();
    return PairOptions.of(data.batchSize(), run.seed())
        .withDepth(losses.depth() > 0 || multiView || geometry)
        .withTargets(stage.targets())
        .withAngles(
            new PoseCurriculum(
                Math.toRadians(angles.firstMaxAngle()),
                Math.toRadians(angles.maxAngle()),
                angles.curriculumSamples()))
        .withAugmentation(
            new Augmentation(
                augmentation.mirrorShare(),
                Math.toRadians(augmentation.hueJitter()),
                augmentation.saturationJitter(),
                augmentation.gammaJitter(),
                augmentation.zoomJitter(),
                augmentation.backgroundShare()));
  }

  /**
   * How objects vary where they are rendered anew.
   *
   * @return the variation
   */
  public MeshVariation variation() {
    MeshesConfig meshes = data.meshes();
    return new MeshVariation(
        meshes.meshStretch(), Math.toRadians(meshes.meshHue()), meshes.textureSwap());
  }

  /**
   * A builder that starts from these settings.
   *
   * @return a new builder
   */
  public TrainingConfigBuilder toBuilder() {
    return new TrainingConfigBuilder(this);
  }
}
