package ai.fresnel.cvs.train.stage;

import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.model.ModelConfig;

/**
 * How a model's states come to be noisy: what it diffuses, between which sigmas, at which scales.
 *
 * @param preconditioning the scales around the network
 * @param schedule the range of sigmas
 * @param codec makes states of images
 */
record DiffusionProcess(Scaling preconditioning, NoiseSchedule schedule, StateCodec codec) {

  /** The process of a model's configuration, with the codec that holds its autoencoder. */
  static DiffusionProcess of(ModelConfig model, StateCodec codec) {
    return new DiffusionProcess(
        new EdmScaling(model.sigmaData()),
        new NoiseSchedule(model.noise().sigmaMin(), model.noise().sigmaMax(), model.noise().rho()),
        codec);
  }
}
