package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.torch.Precision;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** Changes settings of a {@link TrainingConfig}, which documents and checks them. */
public final class TrainingConfigBuilder {

  private long seed;
  private int batchSize;
  private int accumulation;
  private List<Integer> checkpointLevels;
  private long maxImages;
  private OptimizerKind optimizer;
  private double learningRate;
  private long warmupImages;
  private double finalRateShare;
  private double beta1;
  private double beta2;
  private double epsilon;
  private double weightDecay;
  private double clipNorm;
  private double emaDecay;
  private double conditionDropout;
  private double depth;
  private double rendering;
  private int volumeTargets;
  private Precision precision;
  private ConsistencyConfig student;
  private double mirrorShare;
  private double hueJitter;
  private double saturationJitter;
  private double gammaJitter;
  private double zoomJitter;
  private double backgroundShare;
  private double firstMaxAngle;
  private double maxAngle;
  private long curriculumImages;
  private double meshStretch;
  private double meshHue;
  private double textureSwap;
  private Duration stateEvery;
  private Duration previewEvery;
  private Duration validateEvery;
  private int keepSnapshots;
  private double explosionFactor;

  TrainingConfigBuilder(TrainingConfig config) {
    seed = config.seed();
    batchSize = config.batchSize();
    accumulation = config.accumulation();
    checkpointLevels = config.checkpointLevels();
    maxImages = config.maxImages();
    optimizer = config.optimizer();
    learningRate = config.learningRate();
    warmupImages = config.warmupImages();
    finalRateShare = config.finalRateShare();
    beta1 = config.beta1();
    beta2 = config.beta2();
    epsilon = config.epsilon();
    weightDecay = config.weightDecay();
    clipNorm = config.clipNorm();
    emaDecay = config.emaDecay();
    conditionDropout = config.conditionDropout();
    depth = config.depth();
    rendering = config.rendering();
    volumeTargets = config.volumeTargets();
    precision = config.precision();
    student = config.student();
    mirrorShare = config.mirrorShare();
    hueJitter = config.hueJitter();
    saturationJitter = config.saturationJitter();
    gammaJitter = config.gammaJitter();
    zoomJitter = config.zoomJitter();
    backgroundShare = config.backgroundShare();
    firstMaxAngle = config.firstMaxAngle();
    maxAngle = config.maxAngle();
    curriculumImages = config.curriculumImages();
    meshStretch = config.meshStretch();
    meshHue = config.meshHue();
    textureSwap = config.textureSwap();
    stateEvery = config.stateEvery();
    previewEvery = config.previewEvery();
    validateEvery = config.validateEvery();
    keepSnapshots = config.keepSnapshots();
    explosionFactor = config.explosionFactor();
  }

  /**
   * Sets {@code seed}.
   *
   * @param value the seed
   * @return this builder
   */
  public TrainingConfigBuilder seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Sets {@code batchSize}.
   *
   * @param value samples a step
   * @return this builder
   */
  public TrainingConfigBuilder batchSize(int value) {
    batchSize = value;
    return this;
  }

  /**
   * Sets {@code accumulation}.
   *
   * @param value parts of a batch
   * @return this builder
   */
  public TrainingConfigBuilder accumulation(int value) {
    accumulation = value;
    return this;
  }

  /**
   * Sets {@code checkpointLevels}.
   *
   * @param value levels whose activations are computed twice
   * @return this builder
   */
  public TrainingConfigBuilder checkpointLevels(List<Integer> value) {
    checkpointLevels = value;
    return this;
  }

  /**
   * Sets {@code maxImages}.
   *
   * @param value samples of the run
   * @return this builder
   */
  public TrainingConfigBuilder maxImages(long value) {
    maxImages = value;
    return this;
  }

  /**
   * Sets {@code optimizer}.
   *
   * @param value how parameters are moved
   * @return this builder
   */
  public TrainingConfigBuilder optimizer(OptimizerKind value) {
    optimizer = value;
    return this;
  }

  /**
   * Sets {@code learningRate}.
   *
   * @param value the highest rate
   * @return this builder
   */
  public TrainingConfigBuilder learningRate(double value) {
    learningRate = value;
    return this;
  }

  /**
   * Sets {@code warmupImages}.
   *
   * @param value samples of the rise
   * @return this builder
   */
  public TrainingConfigBuilder warmupImages(long value) {
    warmupImages = value;
    return this;
  }

  /**
   * Sets {@code finalRateShare}.
   *
   * @param value the last rate as a share of the highest
   * @return this builder
   */
  public TrainingConfigBuilder finalRateShare(double value) {
    finalRateShare = value;
    return this;
  }

  /**
   * Sets {@code beta1}.
   *
   * @param value decay of the first moment
   * @return this builder
   */
  public TrainingConfigBuilder beta1(double value) {
    beta1 = value;
    return this;
  }

  /**
   * Sets {@code beta2}.
   *
   * @param value decay of the second moment
   * @return this builder
   */
  public TrainingConfigBuilder beta2(double value) {
    beta2 = value;
    return this;
  }

  /**
   * Sets {@code epsilon}.
   *
   * @param value AdamW's epsilon
   * @return this builder
   */
  public TrainingConfigBuilder epsilon(double value) {
    epsilon = value;
    return this;
  }

  /**
   * Sets {@code weightDecay}.
   *
   * @param value AdamW's weight decay
   * @return this builder
   */
  public TrainingConfigBuilder weightDecay(double value) {
    weightDecay = value;
    return this;
  }

  /**
   * Sets {@code clipNorm}.
   *
   * @param value the largest global norm
   * @return this builder
   */
  public TrainingConfigBuilder clipNorm(double value) {
    clipNorm = value;
    return this;
  }

  /**
   * Sets {@code emaDecay}.
   *
   * @param value decay of the inference weights
   * @return this builder
   */
  public TrainingConfigBuilder emaDecay(double value) {
    emaDecay = value;
    return this;
  }

  /**
   * Sets {@code conditionDropout}.
   *
   * @param value share of dropped conditions
   * @return this builder
   */
  public TrainingConfigBuilder conditionDropout(double value) {
    conditionDropout = value;
    return this;
  }

  /**
   * Sets {@code depth}.
   *
   * @param value weight of the depth loss
   * @return this builder
   */
  public TrainingConfigBuilder depth(double value) {
    depth = value;
    return this;
  }

  /**
   * Sets {@code rendering}.
   *
   * @param value weight of the rendering loss
   * @return this builder
   */
  public TrainingConfigBuilder rendering(double value) {
    rendering = value;
    return this;
  }

  /**
   * Sets {@code volumeTargets}.
   *
   * @param value targets of each photograph where the volume alone is trained, 0 = it is not
   * @return this builder
   */
  public TrainingConfigBuilder volumeTargets(int value) {
    volumeTargets = value;
    return this;
  }

  /**
   * Sets {@code precision}.
   *
   * @param value what the networks compute in
   * @return this builder
   */
  public TrainingConfigBuilder precision(Precision value) {
    precision = value;
    return this;
  }

  /**
   * Changes settings of {@code student}.
   *
   * @param change applied to a builder that starts from the present settings
   * @return this builder
   */
  public TrainingConfigBuilder student(UnaryOperator<ConsistencyConfigBuilder> change) {
    student = change.apply(student.toBuilder()).build();
    return this;
  }

  /**
   * Sets {@code stateEvery}.
   *
   * @param value time between two states
   * @return this builder
   */
  public TrainingConfigBuilder stateEvery(Duration value) {
    stateEvery = value;
    return this;
  }

  /**
   * Sets {@code previewEvery}.
   *
   * @param value time between two previews
   * @return this builder
   */
  public TrainingConfigBuilder previewEvery(Duration value) {
    previewEvery = value;
    return this;
  }

  /**
   * Sets {@code mirrorShare}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder mirrorShare(double value) {
    mirrorShare = value;
    return this;
  }

  /**
   * Sets {@code hueJitter}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder hueJitter(double value) {
    hueJitter = value;
    return this;
  }

  /**
   * Sets {@code saturationJitter}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder saturationJitter(double value) {
    saturationJitter = value;
    return this;
  }

  /**
   * Sets {@code gammaJitter}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder gammaJitter(double value) {
    gammaJitter = value;
    return this;
  }

  /**
   * Sets {@code zoomJitter}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder zoomJitter(double value) {
    zoomJitter = value;
    return this;
  }

  /**
   * Sets {@code backgroundShare}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder backgroundShare(double value) {
    backgroundShare = value;
    return this;
  }

  /**
   * Sets {@code firstMaxAngle}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder firstMaxAngle(double value) {
    firstMaxAngle = value;
    return this;
  }

  /**
   * Sets {@code maxAngle}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder maxAngle(double value) {
    maxAngle = value;
    return this;
  }

  /**
   * Sets {@code curriculumImages}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder curriculumImages(long value) {
    curriculumImages = value;
    return this;
  }

  /**
   * Sets {@code meshStretch}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder meshStretch(double value) {
    meshStretch = value;
    return this;
  }

  /**
   * Sets {@code meshHue}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder meshHue(double value) {
    meshHue = value;
    return this;
  }

  /**
   * Sets {@code textureSwap}.
   *
   * @param value the setting
   * @return this builder
   */
  public TrainingConfigBuilder textureSwap(double value) {
    textureSwap = value;
    return this;
  }

  /**
   * Sets {@code validateEvery}.
   *
   * @param value least time between two validations
   * @return this builder
   */
  public TrainingConfigBuilder validateEvery(Duration value) {
    validateEvery = value;
    return this;
  }

  /**
   * Sets {@code keepSnapshots}.
   *
   * @param value how many numbered snapshots are kept
   * @return this builder
   */
  public TrainingConfigBuilder keepSnapshots(int value) {
    keepSnapshots = value;
    return this;
  }

  /**
   * Sets {@code explosionFactor}.
   *
   * @param value how many times its usual value the loss may grow
   * @return this builder
   */
  public TrainingConfigBuilder explosionFactor(double value) {
    explosionFactor = value;
    return this;
  }

  /**
   * Checks the settings and makes the configuration.
   *
   * @return the configuration
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfig build() {
    return new TrainingConfig(
        seed,
        batchSize,
        accumulation,
        checkpointLevels,
        maxImages,
        optimizer,
        learningRate,
        warmupImages,
        finalRateShare,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        clipNorm,
        emaDecay,
        conditionDropout,
        depth,
        rendering,
        volumeTargets,
        precision,
        student,
        mirrorShare,
        hueJitter,
        saturationJitter,
        gammaJitter,
        zoomJitter,
        backgroundShare,
        firstMaxAngle,
        maxAngle,
        curriculumImages,
        meshStretch,
        meshHue,
        textureSwap,
        stateEvery,
        previewEvery,
        validateEvery,
        keepSnapshots,
        explosionFactor);
  }
}
