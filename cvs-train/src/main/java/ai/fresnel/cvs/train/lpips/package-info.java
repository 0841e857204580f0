/**
 * LPIPS, the perceptual distance of Zhang et al. 2018, from the published weights. The door is
 * {@link ai.fresnel.cvs.train.lpips.Lpips}: a metric in evaluation and a differentiable distance in
 * training.
 */
package ai.fresnel.cvs.train.lpips;
