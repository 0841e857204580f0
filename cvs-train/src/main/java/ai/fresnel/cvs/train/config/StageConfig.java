package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.diffusion.NullCondition;
import java.util.List;
import java.util.Optional;

/** The stage of a run, with the settings that no other stage has. */
public sealed interface StageConfig {

  /**
   * Stage 1: the whole network learns to denoise.
   *
   * @param headAlone whether the encoders of photograph and cameras stay as they are, the volume
   *     with them, and only the U-Net and what follows it are trained
   * @param onePass the share of the samples that are drawn in one pass without noise, as at
   *     temperature 0, and compared with the truth by {@link
   *     ai.fresnel.cvs.train.objective.OnePassLoss}, 0 to 1
   * @param onePassGradient weight of the differences of neighbouring pixels in that loss, 0 to 1e6
   * @param onePassLpips weight of {@link ai.fresnel.cvs.train.objective.PerceptualLoss} beside it,
   *     0 to 1e6
   */
  record Denoising(boolean headAlone, double onePass, double onePassGradient, double onePassLpips)
      implements StageConfig {

    /**
     * Checks the settings.
     *
     * @param headAlone as above
     * @param onePass as above
     * @param onePassGradient as above
     * @param onePassLpips as above
     * @throws IllegalArgumentException if a setting is out of range
     */
    public Denoising {
      Checks.require("onePass", onePass, onePass >= 0 && onePass <= 1, "0 to 1");
      Checks.require(
          "onePass",
          onePass,
          headAlone || onePass == 0,
          "0 where headAlone is false: one pass starts from the volume's view, which must stay");
      Checks.require(
          "onePassGradient",
          onePassGradient,
          onePassGradient >= 0 && onePassGradient <= 1e6,
          "0 to 1e6");
      Checks.require(
          "onePassLpips", onePassLpips, onePassLpips >= 0 && onePassLpips <= 1e6, "0 to 1e6");
    }

    /**
     * Tells whether a loss needs LPIPS's weights.
     *
     * @return whether the perceptual loss counts
     */
    public boolean needsLpips() {
      return onePass > 0 && onePassLpips > 0;
    }

    /**
     * Returns settings that train all of the network to denoise, and nothing else.
     *
     * @return the settings
     */
    public static Denoising plain() {
      return new Denoising(false, 0, 0, 0);
    }
  }

  /**
   * Before stage 1: the network's volume and the encoders it is made with learn to render, without
   * the U-Net. A weight above 0 of one of the last three requires views with depth.
   *
   * @param volumeTargets targets of each photograph, 1 to 64
   * @param opacity weight of {@link ai.fresnel.cvs.train.objective.OpacityLoss}, 0 to 1e6
   * @param sourceDepth weight of {@link ai.fresnel.cvs.train.objective.SourceDepthLoss}, 0 to 1e6
   * @param occupancy weight of {@link ai.fresnel.cvs.train.objective.OccupancyLoss}, 0 to 1e6
   */
  record SceneAlone(int volumeTargets, double opacity, double sourceDepth, double occupancy)
      implements StageConfig {

    /**
     * Checks the settings.
     *
     * @param volumeTargets as above
     * @param opacity as above
     * @param sourceDepth as above
     * @param occupancy as above
     * @throws IllegalArgumentException if a setting is out of range
     */
    public SceneAlone {
      Checks.require(
          "volumeTargets", volumeTargets, volumeTargets >= 1 && volumeTargets <= 64, "1 to 64");
      Checks.require("opacity", opacity, opacity >= 0 && opacity <= 1e6, "0 to 1e6");
      Checks.require(
          "sourceDepth", sourceDepth, sourceDepth >= 0 && sourceDepth <= 1e6, "0 to 1e6");
      Checks.require("occupancy", occupancy, occupancy >= 0 && occupancy <= 1e6, "0 to 1e6");
    }

    /**
     * Returns settings that learn from images alone.
     *
     * @param volumeTargets targets of each photograph, 1 to 64
     * @return the settings
     * @throws IllegalArgumentException if it is out of range
     */
    public static SceneAlone of(int volumeTargets) {
      return new SceneAlone(volumeTargets, 0, 0, 0);
    }

    /**
     * Tells whether a loss compares the volume with depth.
     *
     * @return whether one does
     */
    public boolean needsDepth() {
      return opacity > 0 || sourceDepth > 0 || occupancy > 0;
    }
  }

  /**
   * Stage 2: a student learns to be consistent.
   *
   * @param method where the lower partner of a noisy state comes from; not {@link
   *     ConsistencyMethod#PROGRESSIVE}, which is a stage of its own
   * @param trainTeacher whether the teacher goes on learning to denoise in the same steps, which
   *     lets both start at random
   * @param student the student's settings
   */
  record Consistency(ConsistencyMethod method, boolean trainTeacher, ConsistencyConfig student)
      implements StageConfig {

    /**
     * Checks the settings.
     *
     * @param method as above
     * @param trainTeacher as above
     * @param student as above
     * @throws IllegalArgumentException if a setting is missing or excludes another
     */
    public Consistency {
      Checks.requirePresent("method", method);
      Checks.requirePresent("student", student);
      if (method == ConsistencyMethod.PROGRESSIVE) {
        throw new IllegalArgumentException(
            "method is progressive, expected distillation or training in this stage");
      }
      if (trainTeacher && student.losses().adversarial() > 0) {
        throw new IllegalArgumentException(
            "adversarial is "
                + student.losses().adversarial()
                + ", expected 0 where the teacher is trained (trainTeacher): what the discriminator"
                + " looks through must stand still");
      }
      if (trainTeacher && method != ConsistencyMethod.DISTILLATION) {
        throw new IllegalArgumentException(
            "trainTeacher is true, expected false where method is not distillation");
      }
      if (student.keepEncoders() && (trainTeacher || method == ConsistencyMethod.TRAINING)) {
        throw new IllegalArgumentException(
            "keepEncoders is true, expected false where there is no teacher, or it is trained");
      }
      if (method == ConsistencyMethod.TRAINING && student.guidance().maxGuidance() > 0) {
        throw new IllegalArgumentException(
            "maxGuidance is "
                + student.guidance().maxGuidance()
                + ", expected 0 where no teacher is guided (training)");
      }
    }
  }

  /**
   * Stage 2 by progressive distillation: phase by phase the student becomes the teacher and the
   * grid coarser.
   *
   * @param student the student's settings
   */
  record Progressive(ConsistencyConfig student) implements StageConfig {

    /**
     * Checks the settings.
     *
     * @param student as above
     * @throws IllegalArgumentException if it is missing, or its phases do not each divide the one
     *     before
     */
    public Progressive {
      Checks.requirePresent("student", student);
      List<Integer> phases = student.sigmas().intervals().phases();
      for (int i = 1; i < phases.size(); i++) {
        if (phases.get(i - 1) % phases.get(i) != 0) {
          throw new IllegalArgumentException(
              "intervals is " + phases + ", expected each to divide the one before (progressive)");
        }
      }
    }
  }

  /**
   * Stage 2 of a published latent model (Luo et al., "Latent Consistency Models", 2023, and
   * "LCM-LoRA", 2023): the student, an adapter of its teacher or a whole network, learns to be
   * consistent along the teacher's DDIM with skipped timesteps.
   *
   * @param solverSteps timesteps of the solver, evenly spaced up to the last; each step skips as
   *     many, 2 to 1000
   * @param sigmaData the deviation in the boundary's coefficients, 0.001 to 100
   * @param timestepScaling the scaling of timesteps there, 0.001 to 1000
   * @param huber the distance from which an error counts by itself, no more by its square, 1e-6 to
   *     100, in units of the latents
   * @param guidance the weights of guidance: one that is always the same, or any between two for
   *     each sample, which the student does not see; diffusers' scale is 1 more
   * @param nullCondition what guidance leads away from
   * @param adapter the student's size where it is an adapter
   */
  record LatentConsistency(
      int solverSteps,
      double sigmaData,
      double timestepScaling,
      double huber,
      GuidanceConfig guidance,
      NullCondition nullCondition,
      AdapterConfig adapter)
      implements StageConfig {

    /**
     * Checks the settings.
     *
     * @param solverSteps as above
     * @param sigmaData as above
     * @param timestepScaling as above
     * @param huber as above
     * @param guidance as above
     * @param nullCondition as above
     * @param adapter as above
     * @throws IllegalArgumentException if a setting is missing or out of range
     */
    public LatentConsistency {
      Checks.require(
          "solverSteps", solverSteps, solverSteps >= 2 && solverSteps <= 1000, "2 to 1000");
      Checks.require(
          "sigmaData", sigmaData, sigmaData >= 0.001 && sigmaData <= 100, "0.001 to 100");
      Checks.require(
          "timestepScaling",
          timestepScaling,
          timestepScaling >= 0.001 && timestepScaling <= 1000,
          "0.001 to 1000");
      Checks.require("huber", huber, huber >= 1e-6 && huber <= 100, "1e-6 to 100");
      Checks.requirePresent("guidance", guidance);
      Checks.requirePresent("nullCondition", nullCondition);
      Checks.requirePresent("adapter", adapter);
    }

    /**
     * Returns the settings of LCM-LoRA, with the guidance that Zero123 is sampled with, scale 3.
     *
     * @return 50 timesteps, sigmaData 0.5, timesteps times 10, Huber's distance from 0.001, weight
     *     2 away from zeros, an adapter of rank and alpha 64
     */
    public static LatentConsistency defaults() {
      return new LatentConsistency(
          50,
          0.5,
          10,
          0.001,
          new GuidanceConfig(2, 2),
          NullCondition.ZEROS,
          new AdapterConfig(64, 64));
    }
  }

  /**
   * Returns the stage of a student.
   *
   * @param method where the lower partner of a noisy state comes from
   * @param trainTeacher whether the teacher goes on learning
   * @param student the student's settings
   * @return {@link Progressive} for that method, else {@link Consistency}
   * @throws IllegalArgumentException if a setting excludes another
   */
  static StageConfig of(ConsistencyMethod method, boolean trainTeacher, ConsistencyConfig student) {
    if (method != ConsistencyMethod.PROGRESSIVE) {
      return new Consistency(method, trainTeacher, student);
    }
    if (trainTeacher) {
      throw new IllegalArgumentException(
          "trainTeacher is true, expected false where method is not distillation");
    }
    return new Progressive(student);
  }

  /**
   * Returns the settings of the student.
   *
   * @return the settings; empty where the stage has no student
   */
  default Optional<ConsistencyConfig> consistency() {
    if (this instanceof Consistency stage) {
      return Optional.of(stage.student());
    }
    return this instanceof Progressive stage ? Optional.of(stage.student()) : Optional.empty();
  }

  /**
   * Tells where the lower partner of a student's noisy state comes from.
   *
   * @return the method; empty where the stage has no student
   */
  default Optional<ConsistencyMethod> partner() {
    if (this instanceof Consistency stage) {
      return Optional.of(stage.method());
    }
    return this instanceof Progressive
        ? Optional.of(ConsistencyMethod.PROGRESSIVE)
        : Optional.empty();
  }

  /**
   * Tells whether a teacher goes on learning beside its student.
   *
   * @return whether it does
   */
  default boolean trainsTeacher() {
    return this instanceof Consistency stage && stage.trainTeacher();
  }

  /**
   * Counts the samples in a row that have one source.
   *
   * @return at least 1
   */
  default int targets() {
    if (this instanceof SceneAlone stage) {
      return stage.volumeTargets();
    }
    return consistency().filter(student -> student.losses().multiView() > 0).isPresent() ? 2 : 1;
  }
}
