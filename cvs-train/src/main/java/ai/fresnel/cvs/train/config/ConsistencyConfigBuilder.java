package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import java.util.Arrays;

/** Changes settings of a {@link ConsistencyConfig}, which documents and checks them. */
public final class ConsistencyConfigBuilder {

  private ConsistencyMethod method;
  private double targetDecay;
  private OdeSolver solver;
  private boolean trainTeacher;
  private boolean keepEncoders;
  private IntervalSchedule intervals;
  private SigmaPairing levels;
  private double levelMean;
  private double levelDeviation;
  private LossWeighting weighting;
  private DistanceKind distance;
  private double minGuidance;
  private double maxGuidance;
  private double photometric;
  private double perceptual;
  private double truthSigma;
  private double multiView;
  private double adversarial;
  private double adversarialStart;

  ConsistencyConfigBuilder(ConsistencyConfig config) {
    method = config.method();
    targetDecay = config.targetDecay();
    solver = config.solver();
    trainTeacher = config.trainTeacher();
    keepEncoders = config.keepEncoders();
    intervals = config.intervals();
    levels = config.levels();
    levelMean = config.levelMean();
    levelDeviation = config.levelDeviation();
    weighting = config.weighting();
    distance = config.distance();
    minGuidance = config.minGuidance();
    maxGuidance = config.maxGuidance();
    photometric = config.photometric();
    perceptual = config.perceptual();
    truthSigma = config.truthSigma();
    multiView = config.multiView();
    adversarial = config.adversarial();
    adversarialStart = config.adversarialStart();
  }

  /**
   * Sets {@code method}.
   *
   * @param value where the lower partner comes from
   * @return this builder
   */
  public ConsistencyConfigBuilder method(ConsistencyMethod value) {
    method = value;
    return this;
  }

  /**
   * Sets {@code targetDecay}.
   *
   * @param value decay of the consistency target
   * @return this builder
   */
  public ConsistencyConfigBuilder targetDecay(double value) {
    targetDecay = value;
    return this;
  }

  /**
   * Sets {@code solver}.
   *
   * @param value the step of the teacher's ODE
   * @return this builder
   */
  public ConsistencyConfigBuilder solver(OdeSolver value) {
    solver = value;
    return this;
  }

  /**
   * Sets {@code trainTeacher}.
   *
   * @param value whether the teacher goes on learning
   * @return this builder
   */
  public ConsistencyConfigBuilder trainTeacher(boolean value) {
    trainTeacher = value;
    return this;
  }

  /**
   * Sets {@code keepEncoders}.
   *
   * @param value whether the student keeps its teacher's encoders
   * @return this builder
   */
  public ConsistencyConfigBuilder keepEncoders(boolean value) {
    keepEncoders = value;
    return this;
  }

  /**
   * Sets {@code intervals}.
   *
   * @param value the phases
   * @return this builder
   */
  public ConsistencyConfigBuilder intervals(IntervalSchedule value) {
    intervals = value;
    return this;
  }

  /**
   * Sets {@code intervals}.
   *
   * @param phases the number of intervals of each phase
   * @return this builder
   */
  public ConsistencyConfigBuilder intervals(Integer... phases) {
    return intervals(new IntervalSchedule(Arrays.asList(phases)));
  }

  /**
   * Sets {@code levels}.
   *
   * @param value which levels make a pair
   * @return this builder
   */
  public ConsistencyConfigBuilder levels(SigmaPairing value) {
    levels = value;
    return this;
  }

  /**
   * Sets {@code levelMean}.
   *
   * @param value mean of ln(sigma)
   * @return this builder
   */
  public ConsistencyConfigBuilder levelMean(double value) {
    levelMean = value;
    return this;
  }

  /**
   * Sets {@code levelDeviation}.
   *
   * @param value its standard deviation
   * @return this builder
   */
  public ConsistencyConfigBuilder levelDeviation(double value) {
    levelDeviation = value;
    return this;
  }

  /**
   * Sets {@code weighting}.
   *
   * @param value how much a pair counts
   * @return this builder
   */
  public ConsistencyConfigBuilder weighting(LossWeighting value) {
    weighting = value;
    return this;
  }

  /**
   * Sets {@code distance}.
   *
   * @param value how two ends are compared
   * @return this builder
   */
  public ConsistencyConfigBuilder distance(DistanceKind value) {
    distance = value;
    return this;
  }

  /**
   * Sets {@code minGuidance}.
   *
   * @param value the least guidance weight
   * @return this builder
   */
  public ConsistencyConfigBuilder minGuidance(double value) {
    minGuidance = value;
    return this;
  }

  /**
   * Sets {@code maxGuidance}.
   *
   * @param value the greatest guidance weight
   * @return this builder
   */
  public ConsistencyConfigBuilder maxGuidance(double value) {
    maxGuidance = value;
    return this;
  }

  /**
   * Sets {@code photometric}.
   *
   * @param value weight of the photometric loss
   * @return this builder
   */
  public ConsistencyConfigBuilder photometric(double value) {
    photometric = value;
    return this;
  }

  /**
   * Sets {@code perceptual}.
   *
   * @param value weight of the perceptual loss
   * @return this builder
   */
  public ConsistencyConfigBuilder perceptual(double value) {
    perceptual = value;
    return this;
  }

  /**
   * Sets {@code truthSigma}.
   *
   * @param value the highest level at which losses against the truth count
   * @return this builder
   */
  public ConsistencyConfigBuilder truthSigma(double value) {
    truthSigma = value;
    return this;
  }

  /**
   * Sets {@code multiView}.
   *
   * @param value weight of the multi-view loss
   * @return this builder
   */
  public ConsistencyConfigBuilder multiView(double value) {
    multiView = value;
    return this;
  }

  /**
   * Sets {@code adversarial}.
   *
   * @param value weight of the adversarial loss
   * @return this builder
   */
  public ConsistencyConfigBuilder adversarial(double value) {
    adversarial = value;
    return this;
  }

  /**
   * Sets {@code adversarialStart}.
   *
   * @param value the share of the run after which it counts
   * @return this builder
   */
  public ConsistencyConfigBuilder adversarialStart(double value) {
    adversarialStart = value;
    return this;
  }

  /**
   * Checks the settings and makes the configuration.
   *
   * @return the configuration
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ConsistencyConfig build() {
    return new ConsistencyConfig(
        method,
        targetDecay,
        solver,
        trainTeacher,
        keepEncoders,
        intervals,
        levels,
        levelMean,
        levelDeviation,
        weighting,
        distance,
        minGuidance,
        maxGuidance,
        photometric,
        perceptual,
        truthSigma,
        multiView,
        adversarial,
        adversarialStart);
  }
}
