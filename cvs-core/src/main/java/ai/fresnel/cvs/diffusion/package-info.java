/**
 * Diffusion and consistency models on {@code NDArray}s, in EDM time: {@code x = x0 + sigma *
 * noise}, {@code dx/dsigma = (x - D(x, sigma)) / sigma}, prior {@code sigmaMax * noise}.
 *
 * <p>Start at {@link ai.fresnel.cvs.diffusion.Denoiser}: {@code denoise(x, sigma, conditioning)}
 * returns x0. The other classes make denoisers or call them.
 *
 * <ul>
 *   <li>Make one: {@link ai.fresnel.cvs.diffusion.Scaling#wrap Scaling} from a network that never
 *       sees sigma; {@link ai.fresnel.cvs.diffusion.Guidance} and {@link
 *       ai.fresnel.cvs.diffusion.ConsistencyFunction} from another denoiser.
 *   <li>Call one: {@link ai.fresnel.cvs.diffusion.OdeSolver} (one step), {@link
 *       ai.fresnel.cvs.diffusion.OdeSampler}, {@link ai.fresnel.cvs.diffusion.MultistepSampler} and
 *       {@link ai.fresnel.cvs.diffusion.DdimSampler} (the teacher's many steps), {@link
 *       ai.fresnel.cvs.diffusion.ConsistencySampler} (the student's one to four).
 *   <li>Sigmas and noise: {@link ai.fresnel.cvs.diffusion.NoiseSchedule}, {@link
 *       ai.fresnel.cvs.diffusion.SigmaGrid}, {@link ai.fresnel.cvs.diffusion.SampleNoise}.
 *   <li>Published models of latent diffusion: {@link ai.fresnel.cvs.diffusion.DiscreteSchedule}
 *       brings their timesteps into EDM time, {@link ai.fresnel.cvs.diffusion.EpsScaling} or {@link
 *       ai.fresnel.cvs.diffusion.VScaling} their predictions.
 *   <li>The condition of a view: {@link ai.fresnel.cvs.diffusion.Conditioning}.
 * </ul>
 *
 * <p>States are (N, ...): this package assumes no channels, value range or image. There is one
 * sigma per sample, (N) float32, so that a sampler (all equal) and a training step (all different)
 * run the same code. Gradients are switched on and off by the caller, per thread. Every function
 * frees its intermediates and leaves one array, its result, on the manager of its first array
 * argument. Freeing handles does not disturb a recorded gradient, whose graph holds the tensors
 * itself.
 */
package ai.fresnel.cvs.diffusion;
