/**
 * The mathematics of diffusion and consistency models on {@code NDArray}s, in EDM time: {@code x =
 * x0 + sigma * noise}, {@code dx/dsigma = (x - D(x, sigma)) / sigma}, prior {@code sigmaMax *
 * noise}.
 *
 * <p>The door is {@link ai.fresnel.cvs.diffusion.Denoiser}: {@code denoise(x, sigma, conditioning)}
 * gives x0, and everything else either makes one or drives one.
 *
 * <ul>
 *   <li>makes one: {@link ai.fresnel.cvs.diffusion.Scaling#wrap Scaling} (from a network that never
 *       sees sigma), {@link ai.fresnel.cvs.diffusion.Guidance} and {@link
 *       ai.fresnel.cvs.diffusion.ConsistencyFunction} (from another denoiser);
 *   <li>drives one: {@link ai.fresnel.cvs.diffusion.OdeSolver} (one step), {@link
 *       ai.fresnel.cvs.diffusion.OdeSampler} (the teacher's many steps), {@link
 *       ai.fresnel.cvs.diffusion.ConsistencySampler} (the student's one to four);
 *   <li>numbers: {@link ai.fresnel.cvs.diffusion.NoiseSchedule}, {@link
 *       ai.fresnel.cvs.diffusion.SigmaGrid}, {@link ai.fresnel.cvs.diffusion.SampleNoise};
 *   <li>what a view is conditioned on: {@link ai.fresnel.cvs.diffusion.Conditioning}.
 * </ul>
 *
 * <p>States are (N, ...): nothing here assumes channels, a value range or an image. Noise levels
 * are one per sample, (N) float32, so that a sampler (all equal) and a training step (all
 * different) run the same code. Nothing switches gradients on or off: that is the caller's, per
 * thread. Every function frees its intermediates and leaves one array, its result, on the manager
 * of its first array argument; freeing handles does not disturb a recorded gradient, whose graph
 * holds the tensors itself.
 */
package ai.fresnel.cvs.diffusion;
