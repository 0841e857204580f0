package ai.fresnel.cvs.view;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.DdimSampler;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.DiscreteSchedule;
import ai.fresnel.cvs.diffusion.MultistepSampler;
import ai.fresnel.cvs.diffusion.OdeSampler;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.SigmaGrid;
import ai.fresnel.cvs.diffusion.StepNoise;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ScalingConfig;
import ai.fresnel.cvs.model.SolverConfig;
import java.util.Optional;

/**
 * Draws states from a diffusion model of discrete timesteps by its configuration's solver.
 *
 * @param config the solver
 * @param schedule the sigmas of the timesteps
 */
record SolverSampler(SolverConfig config, DiscreteSchedule schedule) {

  /** Returns the sampler of a model; empty if it is sampled in another way. */
  static Optional<SolverSampler> of(ModelConfig model) {
    return model.kind() == ModelConfig.Kind.DIFFUSION
            && model.scaling() instanceof ScalingConfig.Discrete discrete
        ? model.sampling().solver().map(solver -> new SolverSampler(solver, discrete.schedule()))
        : Optional.empty();
  }

  /** Refuses a number of steps that the model cannot be sampled in. */
  void requireSteps(int steps) {
    config.spacing().timesteps(schedule.timesteps(), steps);
  }

  /**
   * Samples.
   *
   * @param denoiser the model, guided or not
   * @param noise standard normal, (N, ...)
   * @param fresh the noise of the steps
   * @param conditioning the condition of the samples
   * @param steps steps asked for
   * @return clean states, as the reference hands them to the decoder, on noise's manager
   */
  NDArray sample(
      Denoiser denoiser, NDArray noise, StepNoise fresh, Conditioning conditioning, int steps) {
    SigmaGrid grid =
        config.endsAtZero()
            ? schedule.gridToZero(config.spacing(), steps)
            : schedule.grid(config.spacing(), steps);
    NDArray x = schedule.prior(noise, grid.first());
    NDArray last =
        switch (config.method()) {
          case DDIM -> new DdimSampler(grid, config.eta()).sample(denoiser, x, fresh, conditioning);
          case EULER -> new OdeSampler(OdeSolver.EULER, grid).sampleFrom(denoiser, x, conditioning);
          case DPM_2M -> new MultistepSampler(grid).sample(denoiser, x, conditioning);
        };
    return schedule.toVariancePreserving(last, grid.last());
  }
}
