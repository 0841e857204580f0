package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import java.util.Arrays;

/**
 * Changes settings of a stage that has a student: of {@link StageConfig.Consistency} or {@link
 * StageConfig.Progressive}, and of their {@link ConsistencyConfig}, which document and check them.
 */
public final class ConsistencyConfigBuilder {

  private ConsistencyMethod method;
  private double targetDecay;
  private OdeSolver solver;
  private boolean trainTeacher;
  private boolean keepEncoders;
  private IntervalSchedule intervals;
  private SigmaPairing pairing;
  private double logSigmaMean;
  private double logSigmaDeviation;
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

  /**
   * Starts from the settings of a stage.
   *
   * @param stage a stage that has a student
   * @throws IllegalStateException if it has none
   */
  public ConsistencyConfigBuilder(StageConfig stage) {
    ConsistencyConfig config =
        stage
            .consistency()
            .orElseThrow(
                () -> new IllegalStateException("stage is " + stage + ", expected stage 2"));
    method = stage.partner().orElseThrow();
    trainTeacher = stage.trainsTeacher();
    targetDecay = config.targetDecay();
    solver = config.solver();
    keepEncoders = config.keepEncoders();
    intervals = config.sigmas().intervals();
    pairing = config.sigmas().pairing();
    logSigmaMean = config.sigmas().logSigmaMean();
    logSigmaDeviation = config.sigmas().logSigmaDeviation();
    weighting = config.match().weighting();
    distance = config.match().distance();
    minGuidance = config.guidance().minGuidance();
    maxGuidance = config.guidance().maxGuidance();
    photometric = config.losses().photometric();
    perceptual = config.losses().perceptual();
    truthSigma = config.losses().truthSigma();
    multiView = config.losses().multiView();
    adversarial = config.losses().adversarial();
    adversarialStart = config.losses().adversarialStart();
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
   * Sets {@code pairing}.
   *
   * @param value which sigmas make a pair
   * @return this builder
   */
  public ConsistencyConfigBuilder pairing(SigmaPairing value) {
    pairing = value;
    return this;
  }

  /**
   * Sets {@code logSigmaMean}.
   *
   * @param value mean of ln(sigma)
   * @return this builder
   */
  public ConsistencyConfigBuilder logSigmaMean(double value) {
    logSigmaMean = value;
    return this;
  }

  /**
   * Sets {@code logSigmaDeviation}.
   *
   * @param value its standard deviation
   * @return this builder
   */
  public ConsistencyConfigBuilder logSigmaDeviation(double value) {
    logSigmaDeviation = value;
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
   * @param value the highest sigma at which losses against the truth count
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
   * Checks the settings and makes the stage.
   *
   * @return {@link StageConfig.Progressive} for that method, else {@link StageConfig.Consistency}
   * @throws IllegalArgumentException if a setting is out of range
   */
  public StageConfig build() {
    ConsistencyConfig student =
        new ConsistencyConfig(
            targetDecay,
            solver,
            keepEncoders,
            new SigmasConfig(intervals, pairing, logSigmaMean, logSigmaDeviation),
            new MatchConfig(weighting, distance),
            new GuidanceConfig(minGuidance, maxGuidance),
            new TruthLossConfig(
                photometric, perceptual, truthSigma, multiView, adversarial, adversarialStart));
    return StageConfig.of(method, trainTeacher, student);
  }
}
