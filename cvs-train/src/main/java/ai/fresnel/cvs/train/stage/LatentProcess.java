package ai.fresnel.cvs.train.stage;

import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.DiscreteSchedule;
import ai.fresnel.cvs.diffusion.LatentConsistencyFunction;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.train.config.StageConfig;

/**
 * How the latents of a published model come to be noisy, and how its student is a consistency
 * function of them.
 *
 * @param schedule the timesteps it was trained on
 * @param scaling the scales around the network
 * @param codec makes latents of images
 * @param settings the student's
 */
record LatentProcess(
    DiscreteSchedule schedule,
    Scaling scaling,
    StateCodec codec,
    StageConfig.LatentConsistency settings) {

  /** Wraps a denoiser as the student's consistency function. */
  Denoiser consistency(Denoiser denoiser) {
    return new LatentConsistencyFunction(
        denoiser, schedule, settings.sigmaData(), settings.timestepScaling());
  }
}
