package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.train.schedule.SigmaPairs;
import java.util.List;

/**
 * The settings of a {@link TrainingConfig} that belong to stage 2.
 *
 * @param method where the lower partner of a noisy state comes from
 * @param targetDecay decay a step of the consistency target's weights, in [0, 1); 0 = the student's
 *     own weights, without gradient
 * @param solver the step of the teacher's ODE
 * @param trainTeacher whether the teacher goes on learning to denoise in the same steps, which lets
 *     both start at random
 * @param keepEncoders whether the student keeps its teacher's encoders of photograph and cameras as
 *     they are, which then run once a sample for all networks of a step
 * @param intervals how finely sigmas are paired, phase by phase
 * @param levels which sigmas make a pair
 * @param levelMean mean of ln(sigma) where sigmas are log-normal
 * @param levelDeviation its standard deviation, above 0
 * @param weighting how much a pair counts
 * @param distance how the two ends of a pair are compared
 * @param minGuidance the least guidance weight the student learns, 0 or more
 * @param maxGuidance the greatest, at least the least; above 0 the teacher is guided. The student
 *     takes the weight as an input, unless both are the same: then it is guided by that one always
 * @param photometric weight of {@link ai.fresnel.cvs.train.objective.PhotometricLoss} against the
 *     truth, 0 = none
 * @param perceptual weight of {@link ai.fresnel.cvs.train.objective.PerceptualLoss} against the
 *     truth, 0 = none
 * @param truthSigma the highest sigma at which the losses against the truth count, above 0
 * @param multiView weight of {@link ai.fresnel.cvs.train.objective.MultiViewLoss} between two
 *     targets of a source, by which the batch is made up then; 0 = none
 * @param adversarial weight of {@link ai.fresnel.cvs.train.objective.AdversarialLoss}, 0 = none
 * @param adversarialStart the share of the run after which it counts, 0 to 1
 */
public record ConsistencyConfig(
    ConsistencyMethod method,
    double targetDecay,
    OdeSolver solver,
    boolean trainTeacher,
    boolean keepEncoders,
    IntervalSchedule intervals,
    SigmaPairing levels,
    double levelMean,
    double levelDeviation,
    LossWeighting weighting,
    DistanceKind distance,
    double minGuidance,
    double maxGuidance,
    double photometric,
    double perceptual,
    double truthSigma,
    double multiView,
    double adversarial,
    double adversarialStart) {

  /**
   * Checks the settings.
   *
   * @param method as above
   * @param targetDecay as above
   * @param solver as above
   * @param trainTeacher as above
   * @param keepEncoders as above
   * @param intervals as above
   * @param levels as above
   * @param levelMean as above
   * @param levelDeviation as above
   * @param weighting as above
   * @param distance as above
   * @param minGuidance as above
   * @param maxGuidance as above
   * @param photometric as above
   * @param perceptual as above
   * @param truthSigma as above
   * @param multiView as above
   * @param adversarial as above
   * @param adversarialStart as above
   * @throws IllegalArgumentException if a setting is out of range, or the phases of {@link
   *     ConsistencyMethod#PROGRESSIVE} do not each divide the one before
   */
  public ConsistencyConfig {
    if (method == null
        || solver == null
        || intervals == null
        || levels == null
        || weighting == null
        || distance == null) {
      throw new IllegalArgumentException(
          "method, solver, intervals, levels, weighting or distance is missing");
    }
    TrainingConfig.requireShare("targetDecay", targetDecay);
    TrainingConfig.require("levelMean", levelMean, Math.abs(levelMean) <= 20, "-20 to 20");
    TrainingConfig.require(
        "levelDeviation",
        levelDeviation,
        levelDeviation > 0 && levelDeviation <= 20,
        "above 0, at most 20");
    TrainingConfig.require(
        "minGuidance", minGuidance, minGuidance >= 0 && minGuidance <= 100, "0 to 100");
    TrainingConfig.require(
        "maxGuidance",
        maxGuidance,
        maxGuidance >= minGuidance && maxGuidance <= 100,
        "minGuidance, which is " + minGuidance + ", to 100");
    TrainingConfig.require(
        "photometric", photometric, photometric >= 0 && photometric <= 1e6, "0 to 1e6");
    TrainingConfig.require(
        "perceptual", perceptual, perceptual >= 0 && perceptual <= 1e6, "0 to 1e6");
    TrainingConfig.require(
        "truthSigma", truthSigma, truthSigma > 0 && truthSigma <= 1e6, "above 0, at most 1e6");
    TrainingConfig.require("multiView", multiView, multiView >= 0 && multiView <= 1e6, "0 to 1e6");
    TrainingConfig.require(
        "adversarial", adversarial, adversarial >= 0 && adversarial <= 1e6, "0 to 1e6");
    TrainingConfig.require(
        "adversarialStart",
        adversarialStart,
        adversarialStart >= 0 && adversarialStart <= 1,
        "0 to 1");
    if (trainTeacher && adversarial > 0) {
      throw new IllegalArgumentException(
          "adversarial is "
              + adversarial
              + ", expected 0 where the teacher is trained (trainTeacher): what the discriminator"
              + " looks through must stand still");
    }
    if (trainTeacher && method != ConsistencyMethod.DISTILLATION) {
      throw new IllegalArgumentException(
          "trainTeacher is true, expected false where method is not distillation");
    }
    if (keepEncoders && (trainTeacher || method == ConsistencyMethod.TRAINING)) {
      throw new IllegalArgumentException(
          "keepEncoders is true, expected false where there is no teacher, or it is trained");
    }
    List<Integer> phases = intervals.phases();
    for (int i = 1; method == ConsistencyMethod.PROGRESSIVE && i < phases.size(); i++) {
      if (phases.get(i - 1) % phases.get(i) != 0) {
        throw new IllegalArgumentException(
            "intervals is " + phases + ", expected each to divide the one before (progressive)");
      }
    }
    if (method == ConsistencyMethod.TRAINING && maxGuidance > 0) {
      throw new IllegalArgumentException(
          "maxGuidance is " + maxGuidance + ", expected 0 where no teacher is guided (training)");
    }
  }

  static ConsistencyConfig defaults() {
    return new ConsistencyConfig(
        ConsistencyMethod.DISTILLATION,
        0.95,
        OdeSolver.HEUN,
        false,
        false,
        new IntervalSchedule(List.of(8, 16, 32, 64)),
        SigmaPairing.GRID,
        -1.1,
        2.0,
        LossWeighting.UNIFORM,
        DistanceKind.PSEUDO_HUBER,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0);
  }

  /**
   * Tells whether the student takes the weight of its guidance as an input.
   *
   * @return true if there is more than one weight to take
   */
  public boolean learnsGuidance() {
    return maxGuidance > minGuidance;
  }

  /**
   * The weight a student without that input is guided by.
   *
   * @return the one weight there is; 0 where the student takes it as an input
   */
  public double fixedGuidance() {
    return learnsGuidance() ? 0 : maxGuidance;
  }

  /**
   * Tells whether a loss needs LPIPS's weights.
   *
   * @return true if the distance is LPIPS, or the perceptual loss counts
   */
  public boolean needsLpips() {
    return distance == DistanceKind.LPIPS || perceptual > 0;
  }

  /**
   * The pairs of sigmas that these settings name.
   *
   * @return the schedule
   */
  public SigmaPairs sigmaPairs() {
    return levels.of(intervals, new LogNormalSigmas(levelMean, levelDeviation));
  }

  /**
   * A builder that starts from these settings.
   *
   * @return a new builder
   */
  public ConsistencyConfigBuilder toBuilder() {
    return new ConsistencyConfigBuilder(this);
  }
}
