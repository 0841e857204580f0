package ai.fresnel.cvs.train.stage;

import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.DiscreteSchedule;
import ai.fresnel.cvs.diffusion.LatentConsistencyFunction;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ScalingConfig;
import ai.fresnel.cvs.train.config.StageConfig;
import java.util.function.UnaryOperator;

/**
 * How the latents of a model come to be noisy, and how its student is a consistency function of
 * them.
 *
 * @param timesteps the timesteps that the solver takes some of
 * @param scaling the scales around the network
 * @param codec makes latents of images
 * @param settings the student's
 * @param form wraps a denoiser as the student's consistency function
 */
record LatentProcess(
    Timesteps timesteps,
    Scaling scaling,
    StateCodec codec,
    StageConfig.LatentConsistency settings,
    UnaryOperator<Denoiser> form) {

  /** Sigmas by number. */
  interface Timesteps {

    /** Returns their number, T. */
    int count();

    /** Returns the sigma of a timestep, rising from 0 to T - 1. */
    double sigma(int timestep);

    /** The timesteps that a published model was trained on. */
    static Timesteps of(DiscreteSchedule schedule) {
      return new Timesteps() {
        @Override
        public int count() {
          return schedule.timesteps();
        }

        @Override
        public double sigma(int timestep) {
          return schedule.sigma(timestep);
        }
      };
    }

    /** As many over a model's range of sigmas, warped as its sampling grid is. */
    static Timesteps of(NoiseSchedule schedule) {
      return new Timesteps() {
        @Override
        public int count() {
          return TIMESTEPS;
        }

        @Override
        public double sigma(int timestep) {
          return schedule.sigma(1 - timestep / (TIMESTEPS - 1.0));
        }
      };
    }

    /** The timesteps of a model. */
    static Timesteps of(ModelConfig model) {
      return model.scaling() instanceof ScalingConfig.Discrete discrete
          ? of(discrete.schedule())
          : of(
              new NoiseSchedule(
                  model.noise().sigmaMin(), model.noise().sigmaMax(), model.noise().rho()));
    }
  }

  private static final int TIMESTEPS = 1000;

  /** The process of a model that was trained on timesteps: its student has LCM's coefficients. */
  static LatentProcess of(
      DiscreteSchedule schedule,
      Scaling scaling,
      StateCodec codec,
      StageConfig.LatentConsistency settings) {
    return new LatentProcess(
        Timesteps.of(schedule),
        scaling,
        codec,
        settings,
        denoiser ->
            new LatentConsistencyFunction(
                denoiser, schedule, settings.sigmaData(), settings.timestepScaling()));
  }

  /** The process of a model; a student of continuous sigmas is the identity at the lowest. */
  static LatentProcess of(
      ModelConfig model, StateCodec codec, StageConfig.LatentConsistency settings) {
    Scaling scaling = model.scaling().scaling();
    return model.scaling() instanceof ScalingConfig.Discrete discrete
        ? of(discrete.schedule(), scaling, codec, settings)
        : new LatentProcess(
            Timesteps.of(model), scaling, codec, settings, model.scaling()::consistency);
  }

  /** Wraps a denoiser as the student's consistency function. */
  Denoiser consistency(Denoiser denoiser) {
    return form.apply(denoiser);
  }
}
